// Lets examples import "longrunning" as their users do, and run on this checkout's sources without a build.
import { registerHooks } from "node:module";

const sources = {
  longrunning: "../src/index.ts",
  "longrunning/client": "../src/client/index.ts",
  "longrunning/jwt": "../src/access/jwt/index.ts",
  "longrunning/postgres": "../src/store/postgres/index.ts",
  "longrunning/sqlite": "../src/store/sqlite/index.ts",
  "longrunning/testing": "../src/testing/index.ts",
};

registerHooks({
  resolve(specifier, context, nextResolve) {
    const source = Object.hasOwn(sources, specifier) ? sources[specifier] : undefined;
    if (source === undefined) return nextResolve(specifier, context);
    return { url: new URL(source, import.meta.url).href, shortCircuit: true };
  },
});
