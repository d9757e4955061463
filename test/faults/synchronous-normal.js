import { registerHooks } from "node:module";

// Lets the product under test be what it must not be: commits that are not on disk when they return. The power
// cut has to find it out, or it would find nothing out.

const replacements = [
  ["pragma synchronous = full", "pragma synchronous = normal"],
  ["synchronous: 2", "synchronous: 1"],
];

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith("/store/sqlite/database.ts")) return loaded;
    let source = String(loaded.source);
    for (const [from, to] of replacements) {
      if (!source.includes(from)) throw new Error(`${url} has no "${from}"`);
      source = source.replace(from, to);
    }
    return { ...loaded, source };
  },
});
