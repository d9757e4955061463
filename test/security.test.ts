import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

interface Named {
  readonly file: string;
  /** Undefined: the whole file. */
  readonly title: string | undefined;
}

/** The tests that the threat model names: `test/a.test.ts`: "one title", "another"; `test/b.test.ts`. */
function testsIn(text: string): Named[] {
  return Array.from(text.matchAll(/`(test\/[^`]+)`(?:: ((?:"[^"]+"(?:, )?)+))?/g)).flatMap(
    ([, file = "", titles]) =>
      titles === undefined
        ? [{ file, title: undefined }]
        : Array.from(titles.matchAll(/"([^"]+)"/g), ([, title]) => ({ file, title })),
  );
}

const named = testsIn(readFileSync(`${root}SECURITY.md`, "utf8"));

describe("the threat model", () => {
  it.each(named)("names a test that exists: $file $title", ({ file, title }) => {
    const text = existsSync(root + file) ? readFileSync(root + file, "utf8") : "";
    expect(title === undefined ? /\bit(\.each)?\(/.test(text) : text.includes(title)).toBe(true);
  });

  it("has a test for every threat", () => {
    const rows = readFileSync(`${root}SECURITY.md`, "utf8")
      .split("\n")
      .filter((line) => /^\| (?!---|threat )/.test(line));
    expect(rows.filter((row) => testsIn(row).length === 0)).toEqual([]);
  });
});

interface Locked {
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly peer?: boolean;
  readonly hasInstallScript?: boolean;
}

describe("what is installed with the package", () => {
  const lock: { packages: Record<string, Locked> } = JSON.parse(
    readFileSync(`${root}package-lock.json`, "utf8"),
  );
  const installed = Object.entries(lock.packages).filter(
    ([path, { dev, peer }]) => path !== "" && dev !== true && peer !== true,
  );

  it.each(installed)("%s has no install script", (_, { hasInstallScript }) => {
    expect(hasInstallScript ?? false).toBe(false);
  });

  it.each(Object.entries(lock.packages).filter(([path, { link }]) => path !== "" && link !== true))(
    "%s is installed by its digest",
    (_, { integrity }) => {
      expect(integrity).toMatch(/^sha512-/);
    },
  );
});

describe("a release", () => {
  it("audits what users install before it publishes", () => {
    const workflow = readFileSync(`${root}.github/workflows/release.yml`, "utf8");
    const steps = Array.from(workflow.matchAll(/^ +- run: (.*)$/gm), ([, command]) => command);
    const audits = ["npm audit --omit=dev", "npm audit --audit-level=high", "npm audit signatures"];
    const awaited = [...audits, ".ci/run", "npm publish --provenance --access public"];
    expect(steps.filter((step) => awaited.includes(step ?? ""))).toEqual(awaited);
  });
});
