// Packs the package as npm would publish it, and has publint and attw look at the tarball.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "longrunning-pack-"));
try {
  execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [name] = readdirSync(folder);
  const tarball = join(folder, name);
  execFileSync("publint", ["run", tarball, "--strict"], { stdio: "inherit" });
  // The package is ESM alone: what CommonJS cannot require is by design.
  execFileSync("attw", [tarball, "--profile", "esm-only"], { stdio: "inherit" });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
