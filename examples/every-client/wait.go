// Waits for an operation of the simulator with cloud.google.com/go/longrunning: wait HOST:PORT NAME SCHEMA
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"cloud.google.com/go/longrunning"
	autogen "cloud.google.com/go/longrunning/autogen"
	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

func main() {
	target, name, schema := os.Args[1], os.Args[2], os.Args[3]
	payload, err := wait(context.Background(), target, name, schema)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(payload)
}

func wait(ctx context.Context, target, name, schema string) (string, error) {
	conn, err := grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return "", err
	}
	defer conn.Close()
	client, err := autogen.NewOperationsClient(ctx, option.WithGRPCConn(conn))
	if err != nil {
		return "", err
	}
	response, err := newResponse(schema)
	if err != nil {
		return "", err
	}
	waited, err := client.WaitOperation(ctx, &longrunningpb.WaitOperationRequest{Name: name})
	if err != nil {
		return "", err
	}
	// Polls, where the server's own limit of a wait was over first.
	operation := longrunning.InternalNewOperation(client, waited)
	if err := operation.Wait(ctx, protoadapt.MessageV1Of(response)); err != nil {
		return "", err
	}
	return response.Get(response.Descriptor().Fields().ByName("payload")).String(), nil
}

func newResponse(schema string) (*dynamicpb.Message, error) {
	bytes, err := os.ReadFile(schema)
	if err != nil {
		return nil, err
	}
	set := &descriptorpb.FileDescriptorSet{}
	if err := proto.Unmarshal(bytes, set); err != nil {
		return nil, err
	}
	files, err := protodesc.NewFiles(set)
	if err != nil {
		return nil, err
	}
	found, err := files.FindDescriptorByName("longrunning.testing.v1.SimulateWorkResponse")
	if err != nil {
		return nil, err
	}
	return dynamicpb.NewMessage(found.(protoreflect.MessageDescriptor)), nil
}
