import { readFileSync } from "node:fs";
import { serve } from "longrunning";
import { answerAs } from "./peer.ts";
import { servedOperations } from "./served-operations.ts";

// What `serve` of this package answers with.
const { operations, begin, end } = await servedOperations(readFileSync(process.argv[2] ?? ""));
const server = await serve({ operations, port: 0 });
answerAs({
  ports: { grpc: server.port, json: server.port },
  begin,
  end,
  waiting: () => operations.service.waiting,
});
