import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ExitCode } from "../../src/cli/exit-code.ts";
import { Invocation } from "../../src/cli/invocation.ts";
import { createProgram } from "../../src/cli/program.ts";
import { processScreen } from "../../src/cli/screen.ts";

const page = readFileSync(new URL("../../docs/command-line.md", import.meta.url), "utf8");
const program = createProgram(new Invocation({}, () => processScreen({}, false)));
const commands = program.commands.filter((command) => !command.name().startsWith("__"));

describe("docs/command-line.md", () => {
  it.each(commands.map((command) => command.name()))("has the command %s", (name) => {
    expect(page).toMatch(new RegExp(`^\\| \`${name}[ \`]`, "m"));
  });

  it.each([
    ...new Set([program, ...commands].flatMap(({ options }) => options.map(({ long }) => long ?? ""))),
  ])("has the flag %s", (flag) => {
    expect(page).toMatch(new RegExp(`\`[^\`\n]*${flag}\\b`));
  });

  it.each(Object.values(ExitCode))("has the exit code %d", (code) => {
    expect(page).toMatch(new RegExp(`^\\| ${code} \\| `, "m"));
  });
});
