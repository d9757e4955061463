// @grpc/grpc-js, with messages by @grpc/proto-loader: node main.js URL
import { fileURLToPath } from "node:url";
import { credentials, loadPackageDefinition } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { show } from "../show.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const definition = loadSync(["longrunning/testing/v1/simulator.proto", "google/rpc/error_details.proto"], {
  includeDirs: [`${root}/proto`, `${root}/node_modules/google-proto-files`],
  longs: Number,
  // An Any of a known type is read where it stands.
  json: true,
});
const { google, longrunning } = loadPackageDefinition(definition);

const address = new URL(process.argv[2]).host;
const operations = new google.longrunning.Operations(address, credentials.createInsecure());
const simulator = new longrunning.testing.v1.SimulatorService(address, credentials.createInsecure());

/** Calls a method and answers its message, or throws its refusal with the details that came with it. */
function call(client, method, request, { timeoutMs } = {}) {
  const options = timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
  return new Promise((resolve, reject) => {
    client[method](request, options, (error, answer) =>
      error ? reject(Object.assign(error, { details: detailsOf(error) })) : resolve(answer),
    );
  });
}

/** The details of a google.rpc.Status, which gRPC has in a trailer. */
function detailsOf({ metadata }) {
  const [bytes] = metadata.get("grpc-status-details-bin");
  return bytes === undefined ? [] : definition["google.rpc.Status"].deserialize(bytes).details;
}

/** Of "1.5s". */
function durationOf(text) {
  const seconds = Number.parseFloat(text);
  return { seconds: Math.trunc(seconds), nanos: Math.round((seconds % 1) * 1e9) };
}

/** An operation as JSON has it, where its metadata is of a type that nobody knows: with the bytes in base64. */
function shown({ metadata, ...operation }) {
  if (metadata["@type"] !== undefined) return { ...operation, metadata };
  return { ...operation, metadata: { "@type": metadata.type_url, value: metadata.value.toString("base64") } };
}

await show({
  async start({ duration = "0s", ...work }) {
    return shown(await call(simulator, "simulateWork", { ...work, duration: durationOf(duration) }));
  },
  async get(name) {
    return shown(await call(operations, "getOperation", { name }));
  },
  async wait(name, timeout, limit) {
    const request = timeout === undefined ? { name } : { name, timeout: durationOf(timeout) };
    return shown(await call(operations, "waitOperation", request, limit));
  },
  cancel: (name) => call(operations, "cancelOperation", { name }),
  delete: (name) => call(operations, "deleteOperation", { name }),
  async list(name, pageSize, pageToken) {
    const page = await call(operations, "listOperations", { name, pageSize, pageToken });
    return { ...page, operations: page.operations.map(shown) };
  },
});
