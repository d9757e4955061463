import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Invocation } from "../../src/cli/invocation.ts";
import { createProgram } from "../../src/cli/program.ts";
import { processScreen } from "../../src/cli/screen.ts";
import { USAGE } from "../../src/conformance/command-line.ts";
import { usage } from "../../src/server/config.ts";
import { root } from "./source-process.ts";

/** Flags of other programs that pages have commands of. */
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  buf: ["--http2-prior-knowledge", "--protocol", "--reflect", "--schema"],
  curl: ["--max-time"],
  docker: ["--file", "--publish", "--tag", "--volume"],
  node: ["--import", "--max-semi-space-size"],
  npm: ["--no-git-tag-version", "--omit", "--prefix", "--save-dev"],
  protoc: ["--include_imports"],
  systemctl: ["--now"],
};

const program = createProgram(new Invocation({}, () => processScreen({}, false)));
const server = flagsIn(usage([]));
const ours = new Set([
  ...server,
  ...flagsIn(USAGE),
  ...[program, ...program.commands].flatMap(({ options }) => options.map(({ long }) => long)),
  ...["--help", "--version"],
]);
const pages = globSync("{*.md,docs/*.md}", { cwd: root }).sort();

describe("a flag in a page", () => {
  it.each(pages)("of %s is one of a program", (page) => {
    const others = new Set(Object.values(OTHERS).flat());
    expect(flagsIn(textOf(page)).filter((flag) => !ours.has(flag) && !others.has(flag))).toEqual([]);
  });
});

describe("a page", () => {
  it.each([...server, ...flagsIn(USAGE)])("tells of %s", (flag) => {
    const telling = pages.filter((page) => page.startsWith("docs/") && flagsIn(textOf(page)).includes(flag));
    expect(telling).not.toEqual([]);
  });
});

function flagsIn(text: string): string[] {
  const found = text.matchAll(/(?<![\w-])--[a-z][\w-]*/g);
  return [...new Set(Array.from(found, ([flag]) => flag))];
}

function textOf(page: string): string {
  return readFileSync(join(root, page), "utf8");
}
