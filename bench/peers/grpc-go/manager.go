package main

import (
	"context"
	"sync"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// kept is an operation and the channel that is closed when it ends.
type kept struct {
	message *longrunningpb.Operation
	ended   chan struct{}
}

// manager has the structure of ChromiumOS's lro.Manager: a map under one mutex, answers that are clones made under it,
// and a channel for each operation on which its waiters stand
// (https://chromium.googlesource.com/chromiumos/platform/dev-util/+/HEAD/src/go.chromium.org/chromiumos/lro).
type manager struct {
	longrunningpb.UnimplementedOperationsServer
	mutex      sync.Mutex
	operations map[string]*kept
	waiting    int
}

func (m *manager) keep(message *longrunningpb.Operation) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.operations[message.Name] = &kept{message: message, ended: make(chan struct{})}
}

func (m *manager) end(name string, sample *longrunningpb.Operation) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	operation := m.operations[name]
	operation.message.Done = true
	operation.message.Metadata = sample.Metadata
	operation.message.Result = sample.Result
	close(operation.ended)
}

func (m *manager) get(name string) (*longrunningpb.Operation, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	operation, found := m.operations[name]
	if !found {
		return nil, status.Errorf(codes.NotFound, "no operation %q", name)
	}
	return proto.Clone(operation.message).(*longrunningpb.Operation), nil
}

func (m *manager) GetOperation(_ context.Context, request *longrunningpb.GetOperationRequest) (*longrunningpb.Operation, error) {
	return m.get(request.Name)
}

func (m *manager) WaitOperation(ctx context.Context, request *longrunningpb.WaitOperationRequest) (*longrunningpb.Operation, error) {
	ended, found := m.park(request.Name)
	if !found {
		return nil, status.Errorf(codes.NotFound, "no operation %q", request.Name)
	}
	select {
	case <-ended:
	case <-ctx.Done():
	}
	m.leave()
	return m.get(request.Name)
}

func (m *manager) park(name string) (chan struct{}, bool) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	operation, found := m.operations[name]
	if !found {
		return nil, false
	}
	m.waiting++
	return operation.ended, true
}

func (m *manager) leave() {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.waiting--
}

func (m *manager) parked() int {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.waiting
}
