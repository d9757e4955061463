// As a Node that is older than node:sqlite.
import { registerHooks } from "node:module";

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier !== "node:sqlite") return nextResolve(specifier, context);
    throw Object.assign(new Error(`No such built-in module: ${specifier}`), {
      code: "ERR_UNKNOWN_BUILTIN_MODULE",
    });
  },
});
