import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Operations } from "longrunning/client";
import { SimulatorService } from "longrunning/testing";
import { ArchiveService } from "../../examples/archive/gen/archive/v1/archive_pb.ts";
import { listeningUrl, runSource, type SourceProcess } from "./source-process.ts";

/** The server that `npm start` runs, as a process, and clients of its services. */
export interface ReferenceServer extends AsyncDisposable {
  readonly process: SourceProcess;
  readonly url: string;
  readonly operations: Client<typeof Operations>;
  readonly simulator: Client<typeof SimulatorService>;
  readonly archive: Client<typeof ArchiveService>;
}

/** Starts it with these flags. Resolves once it listens. */
export async function startReferenceServer(...args: string[]): Promise<ReferenceServer> {
  const process = runSource("examples/reference-server.ts", args);
  const url = await listeningUrl(process);
  return { process, url, ...connectTo(url), [Symbol.asyncDispose]: () => process[Symbol.asyncDispose]() };
}

/** Clients of a server's services, with a connection of their own. */
export function connectTo(url: string): Pick<ReferenceServer, "operations" | "simulator" | "archive"> {
  const transport = createGrpcTransport({ baseUrl: url });
  return {
    operations: createClient(Operations, transport),
    simulator: createClient(SimulatorService, transport),
    archive: createClient(ArchiveService, transport),
  };
}
