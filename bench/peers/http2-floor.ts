import { readFileSync } from "node:fs";
import { createServer, type ServerHttp2Stream } from "node:http2";
import { toBinary } from "@bufbuild/protobuf";
import { OperationSchema } from "../../gen/google/longrunning/operations_pb.ts";
import { listening } from "./listening.ts";
import { answerAs } from "./peer.ts";
import { readSampleFile } from "./sample.ts";

// The floor of gRPC on Node: node:http2 alone, with as little around it as can be written. It reads the request to its
// end, does not look into it, and answers the same bytes and trailers each time; a WaitOperation once the parent says so.
const [operation] = readSampleFile(readFileSync(process.argv[2] ?? ""));
if (operation === undefined) throw new Error("there is no sample operation");
const message = toBinary(OperationSchema, operation);
const answer = Buffer.alloc(5 + message.length);
answer.writeUInt32BE(message.length, 1);
answer.set(message, 5);

const HEAD = { ":status": 200, "content-type": "application/grpc" };
const WITH_TRAILERS = { waitForTrailers: true };
const OK = { "grpc-status": "0" };

const waiting: ServerHttp2Stream[] = [];
const server = createServer();
server.on("stream", (stream, { ":path": path }) => {
  stream.on("data", ignore);
  stream.on("end", path === "/google.longrunning.Operations/WaitOperation" ? park : respond);
});
answerAs({
  ports: { grpc: await listening(server) },
  begin: () => operation.name,
  end: () => {
    for (const stream of waiting.splice(0)) respond.call(stream);
  },
  waiting: () => waiting.length,
});

function ignore(): void {}

function park(this: ServerHttp2Stream): void {
  waiting.push(this);
}

function respond(this: ServerHttp2Stream): void {
  this.on("wantTrailers", sayOk);
  this.respond(HEAD, WITH_TRAILERS);
  this.end(answer);
}

function sayOk(this: ServerHttp2Stream): void {
  this.sendTrailers(OK);
}
