import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { folderWithCurl } from "./folder-with-curl.ts";
import { npmScripts, type Promised, snippets, snippetWith, tryOut } from "./readme-snippets.ts";
import { listeningUrl, root, runShell, type SourceProcess } from "./source-process.ts";

/** What the README has its readers try out against its server, and what they then see. */
const TRIED: readonly (Promised & { readonly has: string; readonly mistyped: string })[] = [
  { has: "WaitOperation", mistyped: "AwaitOperation", prints: [/"done": ?true.*"payload": ?"hello"/] },
  { has: "ListOperations", mistyped: "ListOperation", prints: [/"name": *"operations\/\w+"/] },
  {
    has: "npm run -s longrunning",
    mistyped: "npm run -s long-running",
    prints: [/testing\.v1\.SimulateWorkResponse$/, /^operations\/\w+ +SUCCEEDED /],
    goesOn: true,
  },
];

/** The same of what it names in its sentences. */
const NAMED: readonly (Promised & { readonly line: string })[] = [
  { line: "npm start -- --help", prints: [/^ +--port /, /^ +--store /] },
  { line: "npm run first-operation", prints: [/^3 of 3 steps done$/, /^hello$/] },
];

const SLOW_MS = 90_000;

describe("the README", () => {
  let folder: string;
  let server: SourceProcess;
  let url: string;
  let path: readonly string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "longrunning-readme-"));
    // Whoever runs this has run `npm ci`; another server may run in this folder, so that the port and the file are free ones.
    const first = snippetWith("npm start").replace(/^npm ci && /, "");
    server = runShell(`${first} -- --port 0 --store sqlite:${folder}/operations.db`, root);
    url = await listeningUrl(server);
    path = [await folderWithCurl(), join(root, "node_modules/.bin")];
  }, SLOW_MS);
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    for (const made of [folder, path[0]]) await rm(made ?? "", { recursive: true, force: true });
  });

  it.each(TRIED)(
    "has a snippet with $has that does what it says",
    async ({ has, ...promised }) => {
      await tryOut(snippetWith(has), promised, url, { path });
    },
    SLOW_MS,
  );

  it.each(TRIED)(
    "would not pass with $mistyped instead of $has",
    async ({ has, mistyped, ...promised }) => {
      const snippet = snippetWith(has).replaceAll(has, mistyped);
      await expect(tryOut(snippet, promised, url, { path })).rejects.toThrow("ended");
    },
    SLOW_MS,
  );

  it(
    "would not pass with a flag that the command line does not have",
    async () => {
      const { has, ...promised } = tried("npm run -s longrunning");
      const snippet = snippetWith(has).replace("--steps", "--step");
      await expect(tryOut(snippet, promised, url, { path })).rejects.toThrow("unknown option '--step'");
    },
    SLOW_MS,
  );

  it.each(NAMED)(
    "names $line, which does what it says",
    async ({ line, ...promised }) => {
      await tryOut(line, promised, url, { path });
    },
    SLOW_MS,
  );

  it("has no other snippet but those that begin with npm ci", () => {
    const others = snippets.filter((snippet) => !TRIED.some(({ has }) => snippet.includes(has)));
    expect(others).toEqual(["npm ci && npm start", "npm ci && npm test"]);
  });

  it("runs no script that package.json does not have", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect(npmScripts.filter((name) => !(name in scripts))).toEqual([]);
  });
});

function tried(has: string) {
  const { mistyped: _, ...found } = TRIED.find((one) => one.has === has) ?? { has, mistyped: "", prints: [] };
  return found;
}
