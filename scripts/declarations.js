// Has the compiler write the declarations of src/ and gen/, with their doc comments.
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const typescript = createRequire(import.meta.url).resolve("typescript/package.json");
const tsc = join(dirname(typescript), "bin", "tsc");

/** Writes them below a folder, as they lie in the repository. */
export function writeDeclarations(folder) {
  const args = [tsc, "-p", join(root, "tsconfig.build.json"), "--outDir", folder];
  execFileSync(process.execPath, args, { stdio: "inherit" });
}
