import { readFileSync } from "node:fs";
import { serve } from "longrunning";
import { answerAs } from "./peer.ts";
import { servedOperations } from "./served-operations.ts";

// What `serve` of this package answers with; with `--no-direct`, through Connect's pipeline alone.
const [sampleFile = "", flag] = process.argv.slice(2);
const { operations, begin, end } = await servedOperations(readFileSync(sampleFile));
const server = await serve({ operations, port: 0, direct: flag !== "--no-direct" });
answerAs({
  ports: { grpc: server.port, json: server.port },
  begin,
  end,
  waiting: () => operations.service.waiting,
});
