import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { type Operation, Operations } from "../../gen/google/longrunning/operations_pb.ts";
import {
  SimulateWorkResponseSchema,
  SimulatorService,
} from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { type Program, runProgram } from "./program.ts";

/** A server in a process of its own, and clients of it. */
export interface Server extends AsyncDisposable {
  readonly program: Program;
  readonly url: string;
  readonly operations: Client<typeof Operations>;
  readonly simulator: Client<typeof SimulatorService>;
}

/** Runs the server with the simulator, and answers once it listens. */
export async function openServer(
  args: readonly string[],
  options: {
    readonly preload?: string;
    readonly env?: Record<string, string>;
    readonly program?: string;
  } = {},
): Promise<Server> {
  const { program: file = "src/server/main.ts", ...run } = options;
  const own = file === "src/server/main.ts" ? ["--port", "0", "--simulator"] : [];
  const program = runProgram(file, [...own, ...args], run);
  const url = (await program.firstLine()).slice("listening on ".length);
  const session = new Http2SessionManager(url);
  const transport = createGrpcTransport({ baseUrl: url, sessionManager: session });
  return {
    program,
    url,
    operations: createClient(Operations, transport),
    simulator: createClient(SimulatorService, transport),
    async [Symbol.asyncDispose]() {
      session.abort();
      await program[Symbol.asyncDispose]();
    },
  };
}

/** Everything that a server lists. */
export async function everyOperation({ operations }: Pick<Server, "operations">): Promise<Operation[]> {
  const found: Operation[] = [];
  let pageToken = "";
  do {
    const page = await operations.listOperations({ name: "operations", pageSize: 1_000, pageToken });
    found.push(...page.operations);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return found;
}

/** The payload that a simulated operation has ended with; undefined where it has not, or otherwise. */
export function payloadOf(operation: Operation): string | undefined {
  if (operation.result.case !== "response") return undefined;
  return anyUnpack(operation.result.value, SimulateWorkResponseSchema)?.payload;
}
