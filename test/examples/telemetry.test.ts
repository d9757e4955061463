import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root, runSource } from "./source-process.ts";

it("measures and logs, as docs/telemetry.md shows it", async () => {
  await using server = runSource("examples/telemetry.ts", ["0", "0"]);
  const { msg } = JSON.parse(await server.line(/listening on/));
  const [, url, metrics] = /listening on (\S+), metrics on (\S+)/.exec(msg) ?? [];
  await fetch(`${url}/v1/operations`);
  expect(await (await fetch(metrics ?? "")).text()).toMatch(
    /^rpc_server_call_duration_seconds_count\{.*ListOperations".*\} 1$/m,
  );
});

it("stands in docs/telemetry.md as it is", () => {
  const page = readFileSync(join(root, "docs/telemetry.md"), "utf8");
  expect(page).toContain(readFileSync(join(root, "examples/telemetry.ts"), "utf8"));
});
