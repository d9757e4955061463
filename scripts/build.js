// Builds dist/: to a folder of its own first, so that nobody ever sees half a build.
import { chmodSync, globSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { rolldown } from "rolldown";
import { buildConsole } from "./build-console.js";
import { writeDeclarations } from "./declarations.js";
import { entryPoints, programs } from "./package-entries.js";
import { pruneDeclarations } from "./prune-declarations.js";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const { engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** What is newer than the oldest Node that the package promises, such as `using`, is written in its words. */
const OLDEST_NODE = engines.node.replace(">=", "");

/**
 * JavaScript: a file for each entry point and program, and one for whatever several of them share. What an entry
 * point does not import is loaded by none of its files. Lines stay, and the names of functions and classes, for stack
 * traces, and so do the notes by which bundlers leave out what is not used; doc comments are in the declarations. Names
 * of variables are short, which spares a twentieth of the package.
 */
async function writeJavaScript(folder) {
  await using bundle = await rolldown({
    cwd: root,
    input: Object.fromEntries(inputs().map(({ output, source }) => [output.replace(/\.js$/, ""), source])),
    // All that is not a file of this repository, nor words for an older Node, is somebody else's package.
    external: (id) => !/^[./]|^@oxc-project\/runtime\//.test(id),
    platform: "node",
    transform: { target: `node${OLDEST_NODE}` },
    tsconfig: false,
    onLog: (level, log) => {
      if (level === "warn") throw new Error(log.message);
    },
  });
  await bundle.write({
    dir: folder,
    format: "es",
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js",
    comments: { annotation: true, jsdoc: false, legal: true },
    minify: {
      compress: false,
      mangle: { toplevel: false, keepNames: true },
      codegen: { removeWhitespace: false },
    },
  });
}

/** A thread's script lies beside whatever starts it: all files but declarations are in one folder. */
function inputs() {
  const threads = globSync("src/**/*-thread.ts", { cwd: root });
  const scripts = threads.map((source) => ({ source, output: basename(source).replace(/\.ts$/, ".js") }));
  return [...entryPoints, ...programs, ...scripts];
}

/** The page's scripts and styles are a third of the package: by brotli a sixth less than by the gzip of npm. */
function compressAssets(folder) {
  for (const file of globSync("*.{js,css}", { cwd: folder })) {
    const path = join(folder, file);
    writeFileSync(`${path}.br`, brotliCompressSync(readFileSync(path)));
    rmSync(path);
  }
}

const fresh = mkdtempSync(join(root, "dist.tmp-"));
const old = `${fresh}.old`;
try {
  writeDeclarations(fresh);
  const entries = entryPoints.map((entry) => entry.declarations);
  pruneDeclarations(fresh, entries);
  await writeJavaScript(fresh);
  await buildConsole(join(fresh, "console"));
  compressAssets(join(fresh, "console/assets"));
  // Whoever installs it may be somebody else than who runs it.
  chmodSync(fresh, 0o755);
  try {
    renameSync(join(root, "dist"), old);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  renameSync(fresh, join(root, "dist"));
} finally {
  rmSync(fresh, { recursive: true, force: true });
  rmSync(old, { recursive: true, force: true });
}
