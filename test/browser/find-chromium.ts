import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where scripts/install-browser.js puts the Chromium of npm. Git ignores it. */
export const NPM_FOLDER = fileURLToPath(new URL("../../.chromium", import.meta.url));

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/**
 * The Chromium of this machine: what CHROMIUM in the environment names, the first on the PATH, or the one that was
 * unpacked from npm. Undefined where there is none.
 */
export function findChromium(): string | undefined {
  const named = process.env["CHROMIUM"];
  if (named) return isProgram(named) ? named : undefined;
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/bin"];
  const installed = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...installed, join(NPM_FOLDER, "chromium")].find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
