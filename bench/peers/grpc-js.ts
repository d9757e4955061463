import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as grpc from "@grpc/grpc-js";
import { loadSync, type MethodDefinition, type ServiceDefinition } from "@grpc/proto-loader";
import { answerAs } from "./peer.ts";

// GetOperation and WaitOperation as one writes them for gRPC's own library: messages by its proto-loader, operations in
// a Map, and those who wait as a list of callbacks.

/** An operation as the proto-loader makes it. */
interface PlainOperation {
  readonly name: string;
  readonly done: boolean;
}

interface SampleList {
  readonly operations: readonly PlainOperation[];
}

type Unary = grpc.handleUnaryCall<{ readonly name: string }, PlainOperation>;

const protos = dirname(fileURLToPath(import.meta.resolve("google-proto-files/package.json")));
const loaded = loadSync("google/longrunning/operations.proto", { includeDirs: [protos] });
// The file has this service, and the service this method; the loader's types are for any.
const service = loaded["google.longrunning.Operations"] as ServiceDefinition;
const { responseDeserialize } = service["ListOperations"] as MethodDefinition<object, SampleList>;
const { operations: samples } = responseDeserialize(readFileSync(process.argv[2] ?? ""));
const operations = new Map<string, PlainOperation>();
for (const sample of samples) operations.set(sample.name, sample);

const PARKED = "operations/parked";
let waiting: (() => void)[] = [];

const getOperation: Unary = ({ request: { name } }, answer) => {
  const operation = operations.get(name);
  if (operation === undefined) answer({ code: grpc.status.NOT_FOUND, details: `no operation "${name}"` });
  else answer(null, operation);
};
const waitOperation: Unary = (call, answer) => {
  if (operations.get(call.request.name)?.done === false) waiting.push(() => getOperation(call, answer));
  else getOperation(call, answer);
};

const server = new grpc.Server();
server.addService(service, { GetOperation: getOperation, WaitOperation: waitOperation });
const bind = promisify(server.bindAsync.bind(server));
const port = await bind("127.0.0.1:0", grpc.ServerCredentials.createInsecure());
answerAs({
  ports: { grpc: port },
  begin: () => {
    operations.set(PARKED, { name: PARKED, done: false });
    return PARKED;
  },
  end: () => {
    const [sample] = samples;
    if (sample === undefined) throw new Error("there is no sample operation");
    operations.set(PARKED, { ...sample, name: PARKED });
    const answered = waiting;
    waiting = [];
    for (const answer of answered) answer();
  },
  waiting: () => waiting.length,
});
