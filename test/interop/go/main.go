// Drives cloud.google.com/go/longrunning, and prints what it saw: interop operation|grpc|rest URL
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"

	autogen "cloud.google.com/go/longrunning/autogen"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// What a behaviour showed, as JSON has it.
type saw map[string]any

// No way to ask this client for a behaviour.
var errMissing = errors.New("missing")

// Something to see of a server, by its id in behaviours.ts.
type behaviour struct {
	id   string
	show func(context.Context) (saw, error)
}

func main() {
	ctx := context.Background()
	client, url := os.Args[1], os.Args[2]
	conn, err := grpc.NewClient(strings.TrimPrefix(url, "http://"),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()

	operations, err := openOperations(ctx, client, url, conn)
	if err != nil {
		log.Fatal(err)
	}
	simulator := &simulator{conn}
	behaviours := autogenBehaviours(&autogenClient{operations, simulator, client == "rest"})
	if client == "operation" {
		behaviours = operationBehaviours(&operationClient{operations, simulator})
	}
	for _, behaviour := range behaviours {
		printLine(ctx, behaviour)
	}
}

func openOperations(ctx context.Context, client, url string, conn *grpc.ClientConn) (*autogen.OperationsClient, error) {
	if client == "rest" {
		return autogen.NewOperationsRESTClient(ctx, option.WithEndpoint(url), option.WithoutAuthentication())
	}
	return autogen.NewOperationsClient(ctx, option.WithGRPCConn(conn))
}

func printLine(ctx context.Context, behaviour behaviour) {
	line := map[string]any{"behaviour": behaviour.id}
	saw, err := behaviour.show(ctx)
	switch {
	case errors.Is(err, errMissing):
		line["missing"] = true
	case err != nil:
		line["saw"] = map[string]any{"threw": err.Error()}
	default:
		line["saw"] = saw
	}
	text, err := json.Marshal(line)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(text))
}

func missing(context.Context) (saw, error) { return nil, errMissing }
