import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { connectOverHttp1, connectOverHttp2, describeMount, grpc } from "./describe-mount.ts";
import { root, runSource } from "./source-process.ts";

const run = (example: string) => () => runSource(`examples/mount/${example}.ts`, [], { PORT: "0" });

describe.each(["connect-node", "express", "fastify"])("%s", (example) => {
  describeMount({ run: run(example), protocols: [connectOverHttp1] });
});

describe.each(["node-http2", "fastify-http2"])("%s", (example) => {
  describeMount({ run: run(example), protocols: [grpc, connectOverHttp2] });
});

describe("docs/frameworks.md", () => {
  const page = readFileSync(join(root, "docs/frameworks.md"), "utf8");
  const examples = Array.from(
    page.matchAll(/<!-- (\S+) -->\n```\w+\n([\s\S]*?)```/g),
    ([, file = "", code]) => ({
      file,
      code,
    }),
  );

  it.each(examples)("shows $file as it is", ({ file, code }) => {
    expect(code).toBe(readFileSync(join(root, file), "utf8"));
  });
});
