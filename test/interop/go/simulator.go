package main

import (
	"context"
	"time"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	pb "longrunning.example/interop/simulator"
)

// The service whose method starts operations.
type simulator struct {
	conn *grpc.ClientConn
}

func (s *simulator) start(ctx context.Context, work *pb.SimulateWorkRequest) (*longrunningpb.Operation, error) {
	operation := &longrunningpb.Operation{}
	return operation, s.conn.Invoke(ctx, "/longrunning.testing.v1.SimulatorService/SimulateWork", work, operation)
}

func work(duration time.Duration) *pb.SimulateWorkRequest {
	return &pb.SimulateWorkRequest{Duration: durationpb.New(duration)}
}

func workWith(duration time.Duration, payload string) *pb.SimulateWorkRequest {
	return &pb.SimulateWorkRequest{Duration: durationpb.New(duration), Payload: payload}
}

func failingWork() (*pb.SimulateWorkRequest, error) {
	detail, err := anypb.New(&errdetails.ErrorInfo{Reason: "DISK_FULL", Domain: "example.com"})
	if err != nil {
		return nil, err
	}
	request := work(100 * time.Millisecond)
	request.Error = &rpcstatus.Status{
		Code:    int32(codes.FailedPrecondition),
		Message: "the disk is full",
		Details: []*anypb.Any{detail},
	}
	return request, nil
}
