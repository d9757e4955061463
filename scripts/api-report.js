// The report of the public API, in api/: without arguments it is written anew. `--check` compares it, and the
// changelog, with what the sources export now; `--publish` notes the present API as the published one.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changesBetween, summaryOf, untold } from "./api-report/api-changes.js";
import { reportOf } from "./api-report/report.js";
import { writeDeclarations } from "./declarations.js";
import { entryPoints } from "./package-entries.js";

const folder = new URL("../api/", import.meta.url);
const publishedFile = new URL("published.txt", folder);

function presentReport() {
  const declarations = mkdtempSync(join(tmpdir(), "longrunning-declarations-"));
  try {
    writeDeclarations(declarations);
    return reportOf(declarations, entryPoints);
  } finally {
    rmSync(declarations, { recursive: true, force: true });
  }
}

function write({ pages }) {
  mkdirSync(folder, { recursive: true });
  for (const file of pagesThere()) if (!pages.has(file)) rmSync(new URL(file, folder));
  for (const [file, text] of pages) writeFileSync(new URL(file, folder), text);
}

function check({ pages, declarations }) {
  const files = new Set([...pages.keys(), ...pagesThere()]);
  const stale = [...files].filter((file) => pages.get(file) !== textOf(file));
  if (stale.length > 0) {
    complain(`the public API is not that of the report: ${stale.map((file) => `api/${file}`).join(", ")}`);
    complain('run "npm run api-report", read the difference, and commit it');
  }
  const published = readFileSync(publishedFile, "utf8");
  const changelog = readFileSync(new URL("../CHANGELOG.md", import.meta.url), "utf8");
  for (const { how, specifier, name } of untold(
    changesBetween(published, summaryOf(declarations)),
    published,
    changelog,
  )) {
    complain(`${name} of ${specifier} was ${how}, and the newest part of CHANGELOG.md does not name it`);
  }
}

function pagesThere() {
  return readdirSync(folder).filter((file) => file.endsWith(".md"));
}

function textOf(file) {
  return pagesThere().includes(file) ? readFileSync(new URL(file, folder), "utf8") : undefined;
}

function complain(line) {
  process.stderr.write(`${line}\n`);
  process.exitCode = 1;
}

const report = presentReport();
if (process.argv.includes("--check")) check(report);
else write(report);
if (process.argv.includes("--publish")) writeFileSync(publishedFile, summaryOf(report.declarations));
