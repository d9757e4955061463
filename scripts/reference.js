// Writes the reference of all entry points to reference/, or to the folder that `--out` names, from their doc comments,
// by TypeDoc. Fails where an export has none, or where a link leads nowhere. TypeDoc does not understand TypeScript 7,
// so it is installed below .tools/, with a TypeScript of its own.
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { entryPoints } from "./package-entries.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const tools = join(root, ".tools/reference");
const lock = "package-lock.json";

function isInstalled() {
  const installed = join(tools, lock);
  const wanted = readFileSync(new URL(`reference/${lock}`, import.meta.url), "utf8");
  return existsSync(join(tools, "node_modules/typedoc")) && readFileSync(installed, "utf8") === wanted;
}

function install() {
  mkdirSync(tools, { recursive: true });
  for (const file of ["package.json", lock]) {
    copyFileSync(new URL(`reference/${file}`, import.meta.url), join(tools, file));
  }
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  execFileSync("npm", args, { cwd: tools, stdio: "inherit" });
}

if (!isInstalled()) install();
const plugin = join(root, "scripts/reference/entry-point-names.js");
const typedoc = join(tools, "node_modules/typedoc/bin/typedoc");
const options = ["--options", join(root, "scripts/reference/typedoc.json"), "--plugin", plugin];
const sources = entryPoints.map(({ source }) => source);
const args = [typedoc, ...options, ...process.argv.slice(2), ...sources];
process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" }).status ?? 1;
