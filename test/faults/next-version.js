import { registerHooks } from "node:module";

// Makes of this checkout the version that comes next, as far as its schema goes: NEXT_VERSION is the SQL of its
// migration, and OLDEST_COMPATIBLE says which versions still work with it: `this` one, or none before the `next`.

const sql = process.env["NEXT_VERSION"] ?? "";
const keepsThis = process.env["OLDEST_COMPATIBLE"] === "this";

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith("/store/postgres/schema.ts")) return loaded;
    const source = String(loaded.source);
    const [before, list, after] = parts(source, url);
    const versions = list.match(/oldestCompatible:/g)?.length ?? 0;
    const oldest = keepsThis ? versions : versions + 1;
    return {
      ...loaded,
      source: `${before}${list}  { oldestCompatible: ${oldest}, sql: ${JSON.stringify(sql)} },${after}`,
    };
  },
});

/** A source as it is up to the list of migrations, that list up to its end, and the rest. */
function parts(source, url) {
  const start = source.search(/const MIGRATIONS\b[^=]*= \[/);
  const end = source.indexOf("\n];", start);
  if (start === -1 || end === -1) throw new Error(`${url} has no list of migrations`);
  return [source.slice(0, start), `${source.slice(start, end)}\n`, source.slice(end)];
}
