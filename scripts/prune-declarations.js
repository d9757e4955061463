// Deletes the declarations that no entry point leads to: nobody can import them.
import { globSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ReachedDeclarations } from "./reached-declarations.js";

/** The manual of google.api.http, which has its place in the documentation of Google, is a hundredth of the package. */
const isManual = (path) => path.replaceAll("\\", "/") === "gen/google/api/http_pb.d.ts";

const COMMENTS = /^ *\/\*\*[\s\S]*?\*\/\n/gm;

/** Keeps what these files below `folder` export, what that mentions, and so on. */
export function pruneDeclarations(folder, entries) {
  const reached = new ReachedDeclarations(folder);
  for (const entry of entries) reached.addAllOf(entry);
  for (const path of globSync("**/*.d.ts", { cwd: folder })) {
    const text = reached.textOf(path);
    if (text === undefined) rmSync(join(folder, path));
    else writeFileSync(join(folder, path), isManual(path) ? text.replace(COMMENTS, "") : text);
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
