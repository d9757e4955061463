import { once } from "node:events";
import { BullMqEngine } from "../../src/engine/bullmq/bullmq-engine.ts";

// An engine that is disposed of while Redis is away: the process is to end by itself then. Told "live", it is there
// in the beginning, until SIGUSR2 says that it is gone.
const [connection = "", whether = ""] = process.argv.slice(2);
const logger = { error: (message: string) => console.log(message) };
const engine = new BullMqEngine({ connection, answerMs: 1_000, logger });
const over = { case: "over" } as const;
engine.open({ free: () => new Map([["test.Copy", 1]]), claim: async () => 0, run: async () => over });
engine.take("test.Copy", 1);
const told = engine.start([{ name: "operations/x", handler: "test.Copy", delayMs: 0 }]);
if (whether === "live") {
  await told;
  console.log("started");
  await once(process, "SIGUSR2");
} else {
  await told.catch(({ message }: Error) => console.log(message));
}
await engine[Symbol.asyncDispose]();
console.log("disposed");
