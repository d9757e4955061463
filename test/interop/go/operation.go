package main

import (
	"context"
	"time"

	"cloud.google.com/go/longrunning"
	autogen "cloud.google.com/go/longrunning/autogen"
	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/protobuf/protoadapt"

	pb "longrunning.example/interop/simulator"
)

// longrunning.Operation, the handle that Google's Go libraries give to their users.
type operationClient struct {
	operations *autogen.OperationsClient
	simulator  *simulator
}

func operationBehaviours(c *operationClient) []behaviour {
	return []behaviour{
		{"start", c.showStart},
		{"poll", c.showPoll},
		{"wait", missing},
		{"progress", c.showProgress},
		{"success", c.showSuccess},
		{"failure", c.showFailure},
		{"cancel", c.showCancel},
		{"delete", c.showDelete},
		{"list", missing},
		{"not-found", c.showNotFound},
		{"deadline", missing},
		{"unknown-any", missing},
	}
}

func (c *operationClient) start(ctx context.Context, work *pb.SimulateWorkRequest) (*longrunning.Operation, error) {
	started, err := c.simulator.start(ctx, work)
	if err != nil {
		return nil, err
	}
	return longrunning.InternalNewOperation(c.operations, started), nil
}

func (c *operationClient) showStart(ctx context.Context) (saw, error) {
	operation, err := c.start(ctx, work(time.Minute))
	if err != nil {
		return nil, err
	}
	return saw{"name": operation.Name(), "done": operation.Done()}, nil
}

func (c *operationClient) showPoll(ctx context.Context) (saw, error) {
	operation, err := c.start(ctx, workWith(time.Second, "polled"))
	response := &pb.SimulateWorkResponse{}
	for err == nil && !operation.Done() {
		time.Sleep(100 * time.Millisecond)
		err = operation.Poll(ctx, protoadapt.MessageV1Of(response))
	}
	if err != nil {
		return nil, err
	}
	return saw{"done": operation.Done(), "payload": response.Payload}, nil
}

func (c *operationClient) showProgress(ctx context.Context) (saw, error) {
	request := work(2 * time.Second)
	request.Steps = 3
	operation, err := c.start(ctx, request)
	seen := progress{}
	for err == nil {
		metadata := &pb.SimulateWorkMetadata{}
		if err := operation.Metadata(protoadapt.MessageV1Of(metadata)); err != nil {
			return nil, err
		}
		seen = append(seen, metadata)
		if operation.Done() {
			return seen.saw(), nil
		}
		time.Sleep(100 * time.Millisecond)
		err = operation.Poll(ctx, nil)
	}
	return nil, err
}

func (c *operationClient) showSuccess(ctx context.Context) (saw, error) {
	operation, err := c.start(ctx, workWith(100*time.Millisecond, "hello"))
	if err != nil {
		return nil, err
	}
	response := &pb.SimulateWorkResponse{}
	if err := operation.Wait(ctx, protoadapt.MessageV1Of(response)); err != nil {
		return nil, err
	}
	return saw{"payload": response.Payload}, nil
}

func (c *operationClient) showFailure(ctx context.Context) (saw, error) {
	request, err := failingWork()
	if err != nil {
		return nil, err
	}
	operation, err := c.start(ctx, request)
	if err != nil {
		return nil, err
	}
	return sawFailure(operation.Wait(ctx, nil))
}

func (c *operationClient) showCancel(ctx context.Context) (saw, error) {
	operation, err := c.start(ctx, work(time.Minute))
	if err != nil {
		return nil, err
	}
	if err := operation.Cancel(ctx); err != nil {
		return nil, err
	}
	return sawCode(operation.Wait(ctx, nil))
}

func (c *operationClient) showDelete(ctx context.Context) (saw, error) {
	operation, err := c.start(ctx, work(0))
	if err != nil {
		return nil, err
	}
	if err := operation.Delete(ctx); err != nil {
		return nil, err
	}
	return sawCode(c.named(operation.Name()).Poll(ctx, nil))
}

func (c *operationClient) showNotFound(ctx context.Context) (saw, error) {
	return sawReason(c.named("operations/none").Poll(ctx, nil))
}

// A handle from a name alone, as after a restart of the client.
func (c *operationClient) named(name string) *longrunning.Operation {
	return longrunning.InternalNewOperation(c.operations, &longrunningpb.Operation{Name: name})
}
