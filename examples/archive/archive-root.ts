import { realpath, stat } from "node:fs/promises";
import { relative, resolve, sep } from "node:path";
import { pathRefused } from "./path-refused.ts";

/** A file that may be compressed. */
export interface ArchivedFile {
  /** As the request named it, relative to the root. */
  readonly path: string;
  /** Where it is in fact, with every link followed. */
  readonly absolutePath: string;
  readonly sizeBytes: bigint;
}

/**
 * Finds a regular file below a root. Throws INVALID_ARGUMENT for a path that leaves the root, by `..` or by
 * a link, or that is no regular file, and NOT_FOUND where there is none.
 */
export async function findFile(root: string, path: string): Promise<ArchivedFile> {
  if (path === "" || path.includes("\0")) throw pathRefused(path, "is not a path");
  if (!isBelow(root, resolve(root, path))) throw pathRefused(path, "leaves the archive root");
  const absolutePath = await realpath(resolve(root, path)).catch(() => undefined);
  if (absolutePath === undefined) throw pathRefused(path, "is not found", "not found");
  if (!isBelow(await realpath(root), absolutePath)) throw pathRefused(path, "leaves the archive root");
  const found = await stat(absolutePath, { bigint: true });
  if (!found.isFile()) throw pathRefused(path, "is not a regular file");
  return { path: relative(root, resolve(root, path)), absolutePath, sizeBytes: found.size };
}

function isBelow(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && resolve(root, way) === path;
}
