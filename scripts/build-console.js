import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, createLogger } from "vite";

const source = join(dirname(fileURLToPath(import.meta.url)), "../src/console");

/**
 * Builds the console into an empty folder. Rejects where vite warns, of a module of Node for one. Its addresses are
 * relative, so that a proxy may serve it below a path.
 */
export async function buildConsole(folder) {
  // Whoever runs this may be a test, and React would come with all that it has for developers.
  process.env["NODE_ENV"] = "production";
  const warnings = [];
  const warn = (message) => void warnings.push(message);
  await build({
    root: source,
    base: "./",
    configFile: false,
    logLevel: "warn",
    customLogger: { ...createLogger("warn"), warn, warnOnce: warn },
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: ["chrome123", "firefox121", "safari17.5"],
      // An icon in the style sheet would be another kind of source to allow.
      assetsInlineLimit: 0,
      modulePreload: false,
      reportCompressedSize: false,
      rolldownOptions: {
        // Libraries for React mark what runs in a browser alone: here all does.
        onLog: (level, log, tell) => log.code === "MODULE_LEVEL_DIRECTIVE" || tell(level, log),
      },
      license: { fileName: "licenses.md" },
    },
  });
  if (warnings.length > 0) throw new Error(warnings.join("\n"));
}
