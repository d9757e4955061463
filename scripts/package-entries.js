// What package.json lets others load: each entry's source, and the names of what is made of it.
import { readFileSync } from "node:fs";

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

/** The sources of the programs that package.json has in `bin`. */
const PROGRAMS = {
  longrunning: "src/cli/main.ts",
  "longrunning-conformance": "src/conformance/main.ts",
  "longrunning-server": "src/server/main.ts",
};

/** The entry points: `specifier` is what others import, the rest are paths in the repository and in `dist`. */
export const entryPoints = Object.entries(manifest.exports)
  .filter(([, target]) => target.types !== undefined)
  .map(([subpath, target]) => ({
    specifier: `${manifest.name}${subpath.slice(1)}`,
    source: target.types.replace("./dist/", "").replace(/\.d\.ts$/, ".ts"),
    declarations: target.types.replace("./dist/", ""),
    output: target.default.replace("./dist/", ""),
  }));

/** The programs: a program that package.json has, and nobody here knows, is an error. */
export const programs = Object.entries(manifest.bin).map(([name, file]) => {
  const source = PROGRAMS[name];
  if (source === undefined) throw new Error(`the program "${name}" of package.json has no source`);
  return { name, source, output: file.replace("./dist/", "") };
});
