// buf curl: node main.js URL BUF curl FLAGS…
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { fromBinary } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { ErrorInfoSchema } from "../../../gen/google/rpc/error_details_pb.ts";
import { Refusal, rpcCalls } from "../fetch/calls.js";
import { show } from "../show.js";

const run = promisify(execFile);
const [, , url, buf, ...flags] = process.argv;

async function call(procedure, message, { timeoutMs } = {}) {
  const limit = timeoutMs === undefined ? [] : ["--timeout", `${timeoutMs}ms`];
  const request = ["-d", JSON.stringify(message), `${url}/${procedure}`];
  const { stdout } = await run(buf, [...flags, ...limit, ...request]).catch(refuse);
  return JSON.parse(stdout);
}

/** buf prints the error of a refused call as Connect's JSON has it, and exits with 8 times its code. */
function refuse(error) {
  const start = error.stderr?.indexOf("{") ?? -1;
  if (start === -1) throw error;
  const { message, details } = JSON.parse(error.stderr.slice(start));
  throw new Refusal(error.code / 8, message, details.map(errorInfo));
}

function errorInfo({ value }) {
  return fromBinary(ErrorInfoSchema, base64Decode(value));
}

await show({ ...rpcCalls(call), ownDeadline: true });
