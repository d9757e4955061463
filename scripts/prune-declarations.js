// Deletes the declarations that no entry point leads to: nobody can import them.
import { globSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ReachedDeclarations } from "./reached-declarations.js";

/** Keeps what these files below `folder` export, what that mentions, and so on. */
export function pruneDeclarations(folder, entries) {
  const reached = new ReachedDeclarations(folder);
  for (const entry of entries) reached.addAllOf(entry);
  for (const path of globSync("**/*.d.ts", { cwd: folder })) {
    const text = reached.textOf(path);
    if (text === undefined) rmSync(join(folder, path));
    else writeFileSync(join(folder, path), text);
  }
  removeEmptyFolders(folder);
}

function removeEmptyFolders(folder) {
  const folders = globSync("**/", { cwd: folder }).toSorted((a, b) => b.length - a.length);
  for (const path of folders) {
    if (globSync("*", { cwd: join(folder, path) }).length === 0)
      rmSync(join(folder, path), { recursive: true });
  }
}
