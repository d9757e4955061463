import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { root, runCommand } from "./run-command.ts";

/**
 * Installs what the package-lock.json of `folder`, relative to this checkout, pins, into the folder's own
 * node_modules. No script of a package runs. What has been installed already stays as it is.
 */
export async function installNpm(folder: string): Promise<void> {
  const lock = join(root, folder, "package-lock.json");
  const installed = join(root, folder, "node_modules", ".installed-lock.json");
  if ((await contentOf(installed)) === (await contentOf(lock))) return;
  const args = ["ci", "--prefix", join(root, folder), "--ignore-scripts", "--no-audit", "--no-fund"];
  await runCommand({ file: "npm", args, cwd: join(root, folder) });
  // Written last: an install that was broken off is begun again.
  await copyFile(lock, installed);
}

async function contentOf(file: string): Promise<string | undefined> {
  return await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}
