// Builds dist/: to a folder of its own first, so that nobody ever sees half a build.
import { execFileSync } from "node:child_process";
import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const typescript = createRequire(import.meta.url).resolve("typescript/package.json");
const tsc = join(dirname(typescript), "bin", "tsc");
const fresh = mkdtempSync(join(root, "dist.tmp-"));
const old = `${fresh}.old`;
try {
  const args = [tsc, "-p", join(root, "tsconfig.build.json"), "--outDir", fresh];
  execFileSync(process.execPath, args, { stdio: "inherit" });
  try {
    renameSync(join(root, "dist"), old);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  renameSync(fresh, join(root, "dist"));
} finally {
  rmSync(fresh, { recursive: true, force: true });
  rmSync(old, { recursive: true, force: true });
}
