// Makes sure that the machine has the Chromium that `npm run test:browser` drives. It takes what is there; as root on
// Debian it gets the package `chromium` from apt; and otherwise a headless Chromium from npm, into .chromium/.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { findChromium, NPM_FOLDER } from "../test/browser/find-chromium.ts";

/** Holds a Chromium, and so needs no script of its own that downloads one. */
const NPM_PACKAGE = "@sparticuz/chromium@153.0.0";

/** Starts the program beside it, with the libraries beside it where there are any. */
const STARTER = `#!/bin/sh
folder=$(dirname "$0")
LD_LIBRARY_PATH="$folder/lib" exec "$folder/headless-shell" "$@"
`;

const installers = [
  {
    name: "Debian's package chromium",
    canInstall: process.getuid?.() === 0 && existsSync("/usr/bin/apt-get"),
    install: installFromDebian,
  },
  {
    name: `${NPM_PACKAGE} of npm`,
    canInstall: process.platform === "linux" && process.arch === "x64",
    install: installFromNpm,
  },
];

function installFromDebian() {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const get = (...args) => execFileSync("apt-get", args, { stdio: "inherit", env });
  get("update", "-q");
  get("install", "-q", "-y", "--no-install-recommends", "chromium");
}

function installFromNpm() {
  mkdirSync(NPM_FOLDER, { recursive: true });
  const fresh = mkdtempSync(join(NPM_FOLDER, "fresh-"));
  const unpacked = (name) =>
    brotliDecompressSync(readFileSync(join(fresh, "node_modules/@sparticuz/chromium/bin", `${name}.br`)));
  try {
    writeFileSync(join(fresh, "package.json"), '{ "private": true }\n');
    const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", NPM_PACKAGE];
    execFileSync("npm", args, { cwd: fresh, stdio: "inherit" });
    const program = join(NPM_FOLDER, "headless-shell");
    writeFileSync(program, unpacked("chromium"), { mode: 0o755 });
    if (!runs(program)) {
      // The machine has no NSS; the package brings it along.
      const options = {
        cwd: NPM_FOLDER,
        input: unpacked("al2023.tar"),
        stdio: ["pipe", "inherit", "inherit"],
      };
      execFileSync("tar", ["-x"], options);
    }
    writeFileSync(join(NPM_FOLDER, "chromium"), STARTER, { mode: 0o755 });
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function runs(program) {
  try {
    console.log(execFileSync(program, ["--version"], { encoding: "utf8" }).trim());
    return true;
  } catch {
    return false;
  }
}

const named = process.env["CHROMIUM"];
for (const { name, canInstall, install } of installers) {
  if (named || findChromium() !== undefined || !canInstall) continue;
  try {
    install();
  } catch (error) {
    console.error(`${name}: ${error.message}`);
  }
}
const program = findChromium();
if (program !== undefined && runs(program)) {
  console.log(`chromium: ${program}`);
} else {
  const what = program === undefined ? "these tests need a Chromium" : `${program} does not run`;
  const why = named && program === undefined ? ` (CHROMIUM "${named}" is no program)` : "";
  console.error(
    `${what}${why}; apt-get install chromium, as root, on Debian, or name one: CHROMIUM=/path/to/chrome`,
  );
  process.exitCode = 1;
}
