import { expect, it } from "vitest";
import { runNode } from "../../examples/source-process.ts";
import { usePostgres } from "./open-postgres-store.ts";

const SCRIPT = `
  import { PostgresStore } from "longrunning/postgres";
  const store = await PostgresStore.open(process.env.STORE);
  const lease = await store.hold("an owner", 10_000);
  await lease.release();
  console.log("the lease was held");
  await store[Symbol.asyncDispose]();
`;

const postgres = usePostgres();

it("holds leases in a script that is typed at the command line as a module", async () => {
  const args = ["--import", "./scripts/run-from-source.js", "--input-type=module", "--eval", SCRIPT];
  await using script = runNode(args, { STORE: postgres.url });
  expect([await script.exit(), script.lines]).toEqual([0, ["the lease was held"]]);
});
