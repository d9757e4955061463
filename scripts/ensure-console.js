// Makes sure that a checkout has the console, as it is now, in dist/console: what `npm start` serves at /.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const built = join(root, "dist/console");

/** What the page is made of. */
const SOURCES = ["src/console", "src/client", "src/json", "src/operation", "src/summary", "src/time", "gen"];

/** Builds it unless it is there and no source is newer. */
export async function ensureConsole() {
  if (isFresh()) return;
  const { buildConsole } = await import("./build-console.js");
  mkdirSync(join(root, "dist"), { recursive: true });
  // To a folder of its own first, so that nobody ever sees half a build.
  const fresh = mkdtempSync(join(root, "dist.tmp-"));
  const old = `${fresh}.old`;
  try {
    await buildConsole(fresh);
    // Somebody else may have built it meanwhile, and serve it.
    if (isFresh()) return;
    if (existsSync(built)) renameSync(built, old);
    renameSync(fresh, built);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(old, { recursive: true, force: true });
  }
}

function isFresh() {
  const page = join(built, "index.html");
  return existsSync(page) && statSync(page).mtimeMs >= newest(SOURCES);
}

function newest(folders) {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  );
  return Math.max(...files);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await ensureConsole();
