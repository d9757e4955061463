// Puts the example files into the pages that show them, behind the comments that name them.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
for (const page of globSync("{README.md,docs/*.md}", { cwd: root })) {
  const path = `${root}${page}`;
  const text = readFileSync(path, "utf8");
  const filled = text.replaceAll(
    /(<!-- (examples\/\S+\.ts) -->\n```ts\n)[\s\S]*?(```)/g,
    (_, before, file, after) => before + readFileSync(`${root}${file}`, "utf8") + after,
  );
  if (filled !== text) writeFileSync(path, filled);
}
