import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { toJson } from "@bufbuild/protobuf";
import { OperationSchema } from "../../gen/google/longrunning/operations_pb.ts";
import { listening } from "./listening.ts";
import { answerAs } from "./peer.ts";
import { readSampleFile, sampleTypes } from "./sample.ts";

// The floor of JSON on Node: node:http, a parse of the request and a stringify of a plain object.
const samples = readSampleFile(readFileSync(process.argv[2] ?? ""));
const operations = new Map(
  samples.map((sample) => [sample.name, toJson(OperationSchema, sample, { registry: sampleTypes })]),
);
const server = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on("data", (piece: Buffer) => pieces.push(piece));
  request.on("end", () => {
    const { name } = JSON.parse(Buffer.concat(pieces).toString());
    const answer = Buffer.from(JSON.stringify(operations.get(name)));
    response.writeHead(200, { "content-type": "application/json", "content-length": answer.length });
    response.end(answer);
  });
});
const refuse = () => {
  throw new Error("nothing waits here");
};
answerAs({ ports: { json: await listening(server) }, begin: refuse, end: refuse, waiting: () => 0 });
