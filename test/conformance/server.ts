// The program that the runner starts for each of its server configurations: it reads how to serve from its input, says on
// its output where it serves, and ends on SIGTERM. Its argument is the stack that is to serve: one of STACKS.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  ServerCompatRequestSchema,
  ServerCompatResponseSchema,
} from "./gen/connectrpc/conformance/v1/server_compat_pb.ts";
import { type OpenServer, openBareErrors, openConnectNode, openNoDirect, openServe } from "./stacks.ts";

const STACKS: Readonly<Record<string, OpenServer>> = {
  serve: openServe,
  "no-direct": openNoDirect,
  "bare-errors": openBareErrors,
  "connect-node": openConnectNode,
};

/** Messages follow their length, which is a number of 32 bits. */
const LENGTH_BYTES = 4;

const name = process.argv[2] ?? "";
const open = STACKS[name];
if (open === undefined) throw new Error(`"${name}" is none of ${Object.keys(STACKS).join(", ")}`);

const request = fromBinary(ServerCompatRequestSchema, readFileSync(0).subarray(LENGTH_BYTES));
const stopped = once(process, "SIGTERM");
await using server = await open(request);
const pemCert = request.serverCreds?.cert ?? new Uint8Array();
const response = create(ServerCompatResponseSchema, { host: "127.0.0.1", port: server.port, pemCert });
const bytes = toBinary(ServerCompatResponseSchema, response);
const length = Buffer.alloc(LENGTH_BYTES);
length.writeUInt32BE(bytes.byteLength);
process.stdout.write(Buffer.concat([length, bytes]));
await stopped;
