import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { Operations } from "longrunning";
import { listening } from "./listening.ts";
import { answerAs } from "./peer.ts";
import { sampleTypes } from "./sample.ts";
import { servedOperations } from "./served-operations.ts";

// The same implementation of the service, on the adapter of connect-node with its defaults: no gate, no registry of
// its own, no error model, no limits.
const { operations, begin, end } = await servedOperations(readFileSync(process.argv[2] ?? ""));
const handler = connectNodeAdapter({
  routes: (router) => router.service(Operations, operations.service),
  jsonOptions: { registry: sampleTypes },
});
answerAs({
  ports: {
    grpc: await listening(createHttp2Server(handler)),
    json: await listening(createHttpServer(handler)),
  },
  begin,
  end,
  waiting: () => operations.service.waiting,
});
