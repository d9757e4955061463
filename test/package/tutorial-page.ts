import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { root } from "./packed-package.ts";

const page = readFileSync(join(root, "docs/tutorial.md"), "utf8");

/** The files that docs/tutorial.md tells to write. */
export const TUTORIAL_FILES: readonly { readonly file: string; readonly code: string }[] = Array.from(
  page.matchAll(/<!-- write (\S+) -->\n```\w+\n([\s\S]*?)```/g),
  ([, file = "", code = ""]) => ({ file, code }),
);

/** The packages that the tutorial's npm commands install. */
export const TUTORIAL_PACKAGES: readonly string[] = Array.from(
  page.matchAll(/^npm install (.*)$/gm),
  ([, names = ""]) => names.split(" ").filter((name) => !name.startsWith("-")),
).flat();

/** The first block of the tutorial for the shell that has this in it; `false`, as the shell has it, where none has. */
export function tutorialBlock(part: string): string {
  const fences = Array.from(page.matchAll(/```sh\n([\s\S]*?)```/g), ([, code = ""]) => code);
  return fences.find((code) => code.includes(part)) ?? "false";
}

/** Writes the files of the tutorial into a project. */
export async function writeTutorial(project: string): Promise<void> {
  for (const { file, code } of TUTORIAL_FILES) {
    await mkdir(dirname(join(project, file)), { recursive: true });
    await writeFile(join(project, file), code);
  }
}
