package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"time"

	autogen "cloud.google.com/go/longrunning/autogen"
	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/api/iterator"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	pb "longrunning.example/interop/simulator"
)

// The client that Google generates from operations.proto, over gRPC or REST.
type autogenClient struct {
	operations *autogen.OperationsClient
	simulator  *simulator
	rest       bool
}

func autogenBehaviours(c *autogenClient) []behaviour {
	return []behaviour{
		{"start", c.showStart},
		{"poll", c.showPoll},
		{"wait", c.showWait},
		{"progress", c.showProgress},
		{"success", c.showSuccess},
		{"failure", c.showFailure},
		{"cancel", c.showCancel},
		{"delete", c.showDelete},
		{"list", c.showList},
		{"not-found", c.showNotFound},
		{"deadline", c.showDeadline},
		{"unknown-any", c.showUnknownAny},
	}
}

func (c *autogenClient) get(ctx context.Context, name string) (*longrunningpb.Operation, error) {
	return c.operations.GetOperation(ctx, &longrunningpb.GetOperationRequest{Name: name})
}

// Starts work, and polls until it is done; `look` is shown every state.
func (c *autogenClient) follow(
	ctx context.Context, work *pb.SimulateWorkRequest, look func(*longrunningpb.Operation) error,
) (*longrunningpb.Operation, error) {
	operation, err := c.simulator.start(ctx, work)
	for err == nil {
		if err := look(operation); err != nil || operation.Done {
			return operation, err
		}
		time.Sleep(100 * time.Millisecond)
		operation, err = c.get(ctx, operation.Name)
	}
	return nil, err
}

func (c *autogenClient) end(ctx context.Context, work *pb.SimulateWorkRequest) (*longrunningpb.Operation, error) {
	return c.follow(ctx, work, func(*longrunningpb.Operation) error { return nil })
}

func (c *autogenClient) showStart(ctx context.Context) (saw, error) {
	operation, err := c.simulator.start(ctx, work(time.Minute))
	if err != nil {
		return nil, err
	}
	return saw{"name": operation.Name, "done": operation.Done}, nil
}

func (c *autogenClient) showPoll(ctx context.Context) (saw, error) {
	operation, err := c.end(ctx, workWith(time.Second, "polled"))
	if err != nil {
		return nil, err
	}
	payload, err := payloadOf(operation)
	return saw{"done": operation.Done, "payload": payload}, err
}

func (c *autogenClient) showWait(ctx context.Context) (saw, error) {
	started, err := c.simulator.start(ctx, workWith(time.Second, "waited"))
	if err != nil {
		return nil, err
	}
	request := &longrunningpb.WaitOperationRequest{Name: started.Name, Timeout: durationpb.New(30 * time.Second)}
	operation, err := c.operations.WaitOperation(ctx, request)
	if err != nil {
		return sawCode(err)
	}
	payload, err := payloadOf(operation)
	return saw{"done": operation.Done, "payload": payload}, err
}

func (c *autogenClient) showProgress(ctx context.Context) (saw, error) {
	request := work(2 * time.Second)
	request.Steps = 3
	seen := progress{}
	_, err := c.follow(ctx, request, func(operation *longrunningpb.Operation) error {
		metadata := &pb.SimulateWorkMetadata{}
		seen = append(seen, metadata)
		return operation.Metadata.UnmarshalTo(metadata)
	})
	if err != nil {
		return nil, err
	}
	return seen.saw(), nil
}

func (c *autogenClient) showSuccess(ctx context.Context) (saw, error) {
	operation, err := c.end(ctx, workWith(100*time.Millisecond, "hello"))
	if err != nil {
		return nil, err
	}
	payload, err := payloadOf(operation)
	return saw{"payload": payload}, err
}

func (c *autogenClient) showFailure(ctx context.Context) (saw, error) {
	request, err := failingWork()
	if err != nil {
		return nil, err
	}
	operation, err := c.end(ctx, request)
	if err != nil {
		return nil, err
	}
	return sawFailure(status.ErrorProto(operation.GetError()))
}

func (c *autogenClient) showCancel(ctx context.Context) (saw, error) {
	operation, err := c.simulator.start(ctx, work(time.Minute))
	if err != nil {
		return nil, err
	}
	if err := c.operations.CancelOperation(ctx, &longrunningpb.CancelOperationRequest{Name: operation.Name}); err != nil {
		return nil, err
	}
	for err == nil && !operation.Done {
		time.Sleep(100 * time.Millisecond)
		operation, err = c.get(ctx, operation.Name)
	}
	if err != nil {
		return nil, err
	}
	return saw{"code": operation.GetError().GetCode()}, nil
}

func (c *autogenClient) showDelete(ctx context.Context) (saw, error) {
	operation, err := c.simulator.start(ctx, work(0))
	if err != nil {
		return nil, err
	}
	if err := c.operations.DeleteOperation(ctx, &longrunningpb.DeleteOperationRequest{Name: operation.Name}); err != nil {
		return nil, err
	}
	_, err = c.get(ctx, operation.Name)
	return sawCode(err)
}

func (c *autogenClient) showList(ctx context.Context) (saw, error) {
	parent := fmt.Sprintf("projects/go-%d", os.Getpid())
	for range 5 {
		request := work(0)
		request.Parent = parent
		if _, err := c.simulator.start(ctx, request); err != nil {
			return nil, err
		}
	}
	pager := iterator.NewPager(c.list(ctx, parent), 2, "")
	operations, pages := 0, 0
	for {
		var page []*longrunningpb.Operation
		token, err := pager.NextPage(&page)
		if err != nil {
			return nil, err
		}
		operations, pages = operations+len(page), pages+1
		if token == "" {
			return saw{"operations": operations, "pages": pages}, nil
		}
	}
}

func (c *autogenClient) list(ctx context.Context, parent string) *autogen.OperationIterator {
	name := parent
	if c.rest {
		// The path is made of the name alone.
		name = parent + "/operations"
	}
	return c.operations.ListOperations(ctx, &longrunningpb.ListOperationsRequest{Name: name})
}

func (c *autogenClient) showNotFound(ctx context.Context) (saw, error) {
	_, err := c.get(ctx, "operations/none")
	return sawReason(err)
}

func (c *autogenClient) showDeadline(ctx context.Context) (saw, error) {
	started, err := c.simulator.start(ctx, work(time.Minute))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	operation, err := c.operations.WaitOperation(ctx, &longrunningpb.WaitOperationRequest{Name: started.Name})
	if err != nil {
		return sawCode(err)
	}
	return saw{"done": operation.Done, "early": ctx.Err() == nil}, nil
}

func (c *autogenClient) showUnknownAny(ctx context.Context) (saw, error) {
	operation, err := c.get(ctx, "projects/far/operations/away")
	if err != nil {
		return sawUnresolved(err)
	}
	listed := 0
	for it := c.list(ctx, "projects/far"); ; listed++ {
		if _, err := it.Next(); errors.Is(err, iterator.Done) {
			break
		} else if err != nil {
			return nil, err
		}
	}
	return saw{
		"typeUrl": operation.Metadata.TypeUrl,
		"value":   hex.EncodeToString(operation.Metadata.Value),
		"listed":  listed,
	}, nil
}

func payloadOf(operation *longrunningpb.Operation) (string, error) {
	response := &pb.SimulateWorkResponse{}
	err := operation.GetResponse().UnmarshalTo(response)
	return response.Payload, err
}
