import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./source-process.ts";

const pages = globSync("{*.md,docs/*.md}", { cwd: root }).sort();

describe("the pages", () => {
  it.each(pages.flatMap(examplesIn))("%s shows %s as it is", (_, file, code) => {
    expect(code).toBe(readFileSync(join(root, file), "utf8"));
  });

  it("show the archive's method as its proto declares it", () => {
    const [, method = "missing"] = /```proto\n([\s\S]*?)```/.exec(textOf("docs/service.md")) ?? [];
    const proto = readFileSync(join(root, "examples/archive/proto/archive/v1/archive.proto"), "utf8");
    expect(proto.replace(/^ {2}/gm, "")).toContain(method);
  });

  it("have no link that leads nowhere", () => {
    expect(pages.flatMap(brokenLinksIn)).toEqual([]);
  });

  it("are all in docs/README.md", () => {
    const index = textOf("docs/README.md");
    const names = pages.filter((page) => page.startsWith("docs/")).map((page) => page.slice("docs/".length));
    expect(names.filter((name) => name !== "README.md" && !index.includes(`](${name})`))).toEqual([]);
  });

  it("begin with a README of one page", () => {
    expect(textOf("README.md").split("\n").length).toBeLessThanOrEqual(100);
  });
});

function examplesIn(page: string): [page: string, file: string, code: string][] {
  const fences = textOf(page).matchAll(/<!-- (examples\/\S+\.ts) -->\n```ts\n([\s\S]*?)```/g);
  return Array.from(fences, ([, file = "", code = ""]) => [page, file, code]);
}

/** Links to files that are not there, or to headings that these do not have. */
function brokenLinksIn(page: string): string[] {
  const prose = textOf(page).replace(/```[\s\S]*?```|`[^`\n]*`/g, "");
  const links = Array.from(prose.matchAll(/\]\(([^)\s]+)\)/g), ([, link = ""]) => link);
  return links
    .filter((link) => !/^\w+:/.test(link) && !leadsSomewhere(page, link))
    .map((link) => `${page}: ${link}`);
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const file = path === "" ? page : normalize(join(dirname(page), path));
  if (!existsSync(join(root, file))) return false;
  return anchor === undefined || !file.endsWith(".md") || anchorsOf(file).includes(anchor);
}

/** The headings of a page as GitHub names them in addresses. */
function anchorsOf(page: string): string[] {
  const headings = textOf(page).matchAll(/^#+ (.*)$/gm);
  return Array.from(headings, ([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

function textOf(page: string): string {
  return readFileSync(join(root, page), "utf8");
}
