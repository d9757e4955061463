import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openFolder } from "../access/open-folder.ts";
import { ISSUER, openTokenIssuer } from "../access/token-issuer.ts";
import { root, runSource } from "./source-process.ts";

it("keeps the operations of two tenants apart, as docs/access.md shows it", async () => {
  await using issuer = await openTokenIssuer();
  await using folder = await openFolder();
  await using server = runSource("examples/tenants.ts", [
    ...[ISSUER, issuer.url.href, "0", join(folder.path, "operations.db")],
  ]);
  const { port } = new URL((await server.line(/^listening on /)).slice("listening on ".length));
  const call = async (subject: string, method: string, path: string, body?: string) => {
    const headers = { "content-type": "application/json", ...(await issuer.bearer(subject)) };
    const init = body === undefined ? { method, headers } : { method, headers, body };
    return await fetch(`http://127.0.0.1:${port}${path}`, init);
  };
  const { name } = await (await call("alice", "POST", "/v1/simulator:simulateWork", "{}")).json();
  const statuses = [
    (await call("alice", "GET", `/v1/${name}`)).status,
    (await call("bob", "GET", `/v1/${name}`)).status,
  ];
  expect(statuses).toEqual([200, 403]);
});

it("stands in docs/access.md as it is", () => {
  const page = readFileSync(join(root, "docs/access.md"), "utf8");
  expect(page).toContain(readFileSync(join(root, "examples/tenants.ts"), "utf8"));
});
