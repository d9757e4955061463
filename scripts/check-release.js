// Fails where a tag, which is the argument, the version of package.json and the changelog do not agree.
import { readFileSync } from "node:fs";

const [tag = ""] = process.argv.slice(2);
const read = (file) => readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
const { version } = JSON.parse(read("package.json"));
const [heading = ""] = /^## .*$/m.exec(read("CHANGELOG.md")) ?? [];

const faults = [];
if (tag !== `v${version}`) faults.push(`the tag is "${tag}", and the version of package.json "${version}"`);
if (!new RegExp(`^## ${RegExp.escape(version)} \\(\\d{4}-\\d{2}-\\d{2}\\)$`).test(heading)) {
  faults.push(`CHANGELOG.md begins with "${heading}", and not with "## ${version} (YEAR-MONTH-DAY)"`);
}
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
