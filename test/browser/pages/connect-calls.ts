import { createRegistry, fromJsonString } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { type Any, anyIs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createOperationsClient, listOperations, OperationHandle } from "longrunning/client";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  file_google_rpc_error_details,
} from "../../../gen/google/rpc/error_details_pb.ts";
import {
  SimulateWorkRequestSchema,
  SimulatorService,
} from "../../../gen/longrunning/testing/v1/simulator_pb.ts";
import type { Calls, Listed } from "./calls.ts";
import { SimulateWork } from "./simulate-work.ts";

/** Calls with connect-web and this package's client. */
export function connectCalls(transport: Transport): Calls {
  const simulator = createClient(SimulatorService, transport);
  const operations = createOperationsClient(transport);
  const handleOf = (name: string) => new OperationHandle(operations, SimulateWork, name);
  const registry = createRegistry(file_google_rpc_error_details);
  return {
    async start(work) {
      const request = fromJsonString(SimulateWorkRequestSchema, work, { registry });
      return (await simulator.simulateWork(request)).name;
    },
    async watch(name, onSteps) {
      for await (const { stepsDone } of handleOf(name).progress({ intervalMs: 100 })) onSteps(stepsDone);
    },
    async result(name, signal) {
      const { payload } = await handleOf(name).result({ signal });
      return payload;
    },
    cancel: (name) => handleOf(name).cancel(),
    async list() {
      const listed: Listed[] = [];
      for await (const { name, metadata } of listOperations(operations)) {
        const isForeign = metadata !== undefined && !anyIs(metadata, SimulateWork.metadata);
        listed.push(isForeign ? { name, foreign: inBase64(metadata) } : { name });
      }
      return listed;
    },
    refusalOf(thrown) {
      const error = ConnectError.from(thrown);
      const [info] = error.findDetails(ErrorInfoSchema);
      const [badRequest] = error.findDetails(BadRequestSchema);
      return {
        code: nameOf(error.code),
        message: error.rawMessage,
        reason: info?.reason,
        fields: badRequest?.fieldViolations.map(({ field }) => field),
      };
    },
  };
}

function inBase64({ typeUrl, value }: Any) {
  return { typeUrl, base64: base64Encode(value) };
}

/** `NOT_FOUND` of `NotFound`. Connect writes CANCELLED with one L. */
function nameOf(code: Code): string {
  const name = Code[code].replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
  return code === Code.Canceled ? "CANCELLED" : name;
}
