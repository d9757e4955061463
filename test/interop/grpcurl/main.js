// grpcurl, which asks the server for its schema: node main.js GRPCURL URL
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Refusal, rpcCalls } from "../fetch/calls.js";
import { show } from "../show.js";

const run = promisify(execFile);
const [, , grpcurl, url] = process.argv;

async function call(procedure, message, { timeoutMs } = {}) {
  const limit = timeoutMs === undefined ? [] : ["-max-time", String(timeoutMs / 1_000)];
  const request = ["-d", JSON.stringify(message), new URL(url).host, procedure];
  const { stdout } = await run(grpcurl, ["-plaintext", "-format-error", ...limit, ...request]).catch(refuse);
  return JSON.parse(stdout);
}

/** With -format-error, grpcurl prints the google.rpc.Status of a refused call. */
function refuse(error) {
  if (!error.stderr?.startsWith("{")) throw error;
  const { code, message, details } = JSON.parse(error.stderr);
  throw new Refusal(code, message, details);
}

/** grpcurl shows an Any of a type that it cannot find out by its bytes, below "@value". */
function withBytes({ metadata, ...operation }) {
  return { ...operation, metadata: { ...metadata, value: metadata["@value"] } };
}

const calls = rpcCalls(call);
const get = async (name) => withBytes(await calls.get(name));
await show({ ...calls, get, ownDeadline: true });
