// The peer on grpc-go. It serves the sample operations, and answers its parent's questions, a line each.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"os"
	"runtime/debug"
	"syscall"
	"time"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

const parkedName = "operations/parked"

func main() {
	samples := readSamples(os.Args[1])
	m := &manager{operations: map[string]*kept{}}
	for _, sample := range samples {
		m.keep(sample)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer()
	longrunningpb.RegisterOperationsServer(server, m)
	go func() { log.Fatal(server.Serve(listener)) }()

	answers := map[string]func() any{
		"ports": func() any { return map[string]int{"grpc": listener.Addr().(*net.TCPAddr).Port} },
		"usage": func() any { return map[string]int64{"cpuUs": processorUs(), "rssBytes": residentBytes()} },
		"collect": func() any {
			debug.FreeOSMemory()
			return nil
		},
		"begin": func() any {
			m.keep(&longrunningpb.Operation{Name: parkedName})
			return parkedName
		},
		"end": func() any {
			endedUs := time.Now().UnixMicro()
			m.end(parkedName, samples[0])
			return endedUs
		},
		"waiting":   func() any { return m.parked() },
		"watchLoop": func() any { return nil },
		// There is no event loop.
		"loopStall": func() any { return nil },
	}
	for questions := bufio.NewScanner(os.Stdin); questions.Scan(); {
		var question []any
		if err := json.Unmarshal(questions.Bytes(), &question); err != nil {
			log.Fatal(err)
		}
		line, err := json.Marshal(map[string]any{"value": answers[question[0].(string)]()})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(string(line))
	}
}

func readSamples(path string) []*longrunningpb.Operation {
	bytes, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	var list longrunningpb.ListOperationsResponse
	if err := proto.Unmarshal(bytes, &list); err != nil {
		log.Fatal(err)
	}
	return list.Operations
}

func processorUs() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Microseconds()
}

func residentBytes() int64 {
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		log.Fatal(err)
	}
	var size, resident int64
	if _, err := fmt.Sscan(string(statm), &size, &resident); err != nil {
		log.Fatal(err)
	}
	return resident * int64(os.Getpagesize())
}
