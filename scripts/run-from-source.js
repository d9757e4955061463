// Lets examples import "longrunning" as their users do, and run on this checkout's sources without a build.
import { registerHooks } from "node:module";
import { entryPoints } from "./package-entries.js";

const sources = new Map(entryPoints.map(({ specifier, source }) => [specifier, source]));

registerHooks({
  resolve(specifier, context, nextResolve) {
    const source = sources.get(specifier);
    if (source === undefined) return nextResolve(specifier, context);
    return { url: new URL(`../${source}`, import.meta.url).href, shortCircuit: true };
  },
});
