// Puts the example files into README.md, behind the comments that name them.
import { readFileSync, writeFileSync } from "node:fs";

const readme = new URL("../README.md", import.meta.url);
const filled = readFileSync(readme, "utf8").replaceAll(
  /(<!-- (\S+\.ts) -->\n```ts\n)[\s\S]*?(```)/g,
  (_, before, file, after) => before + readFileSync(new URL(`../${file}`, import.meta.url), "utf8") + after,
);
writeFileSync(readme, filled);
