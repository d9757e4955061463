import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync } from "node:zlib";

/** A file of the page, as it is served. */
export interface ConsoleFile {
  readonly contentType: string;
  readonly content: Buffer;
  /** A strong ETag: it changes with the content. */
  readonly etag: string;
  /** Whether its name changes with its content, so that nobody needs to ask for it again. */
  readonly isImmutable: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Where the build puts the page, seen from the built files in dist and, in a checkout, from src/server. */
const FOLDERS = ["./console/", "../../dist/console/"];

/**
 * The files of the built page by their paths, held in memory; the page itself is "/". Undefined where it is not built,
 * as in a checkout before `npm run build`.
 */
export function readConsole(folder?: string): ReadonlyMap<string, ConsoleFile> | undefined {
  const folders = folder === undefined ? FOLDERS.map((one) => new URL(one, import.meta.url)) : [folder];
  for (const one of folders) {
    const files = readFiles(typeof one === "string" ? one : fileURLToPath(one));
    if (files.has("/")) return files;
  }
  return undefined;
}

function readFiles(folder: string): ReadonlyMap<string, ConsoleFile> {
  const page = filesIn(folder).filter((name) => name === "index.html");
  const assets = filesIn(join(folder, "assets"));
  return new Map([
    ...page.map((name) => ["/", readOne(join(folder, name), false)] as const),
    ...assets.map((name) => [`/assets/${plain(name)}`, readOne(join(folder, "assets", name), true)] as const),
  ]);
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => extname(plain(name)) in TYPES);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

/** The name by which a file is served: a package has some of them compressed. */
function plain(name: string): string {
  return name.replace(/\.br$/, "");
}

function readOne(file: string, isImmutable: boolean): ConsoleFile {
  const read = readFileSync(file);
  const content = file.endsWith(".br") ? brotliDecompressSync(read) : read;
  const etag = `"${createHash("sha256").update(content).digest("base64url").slice(0, 22)}"`;
  const contentType = TYPES[extname(plain(file))] ?? "application/octet-stream";
  return { contentType, content, etag, isImmutable };
}
