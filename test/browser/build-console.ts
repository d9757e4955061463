import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Builds the console, unless it is built as it is now. */
export default function buildConsole(): void {
  const script = fileURLToPath(new URL("../../scripts/ensure-console.js", import.meta.url));
  execFileSync(process.execPath, [script], { stdio: "inherit" });
}
