import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");

const examples = Array.from(
  read("docs/browsers.md").matchAll(/(?:<!-- (\S+) -->\n)?```ts\n([\s\S]*?)```/g),
  ([, file = "no file", code = ""]) => ({ file, code, first: code.trim().split("\n")[0] }),
);

describe("docs/browsers.md", () => {
  it.each(examples)("shows of $file what the pages run: $first", ({ file, code }) => {
    expect(read(file)).toContain(code);
  });
});
