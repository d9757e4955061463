// What the public API has become since it was published, and whether the changelog says so.
import { createHash } from "node:crypto";

/** One line for each exported name: its entry point, itself, and a digest of its declaration. */
export function summaryOf(declarations) {
  const lines = [...declarations].map(([key, text]) => `${key} ${digest(text)}\n`);
  return lines.toSorted().join("");
}

/** What differs between two summaries: `how` is "added", "changed" or "removed". */
export function changesBetween(published, present) {
  const before = read(published);
  const now = read(present);
  const changes = [];
  for (const [key, digest] of now) {
    if (!before.has(key)) changes.push(change("added", key));
    else if (before.get(key) !== digest) changes.push(change("changed", key));
  }
  for (const key of before.keys()) if (!now.has(key)) changes.push(change("removed", key));
  return changes;
}

/**
 * Those that the newest part of the changelog is silent about. Each name has to stand in it, between backticks or as
 * a word. Names that come with a new entry point need not: it is enough that the entry point does.
 */
export function untold(changes, published, changelog) {
  const part = changelog.split(/^## /m)[1] ?? "";
  const known = new Set([...read(published).keys()].map((key) => key.split(" ")[0]));
  const tells = (text) => new RegExp(`(?<![\\w/-])${text}(?![\\w/-])`).test(part);
  return changes.filter(({ specifier, name }) => !tells(known.has(specifier) ? name : specifier));
}

function change(how, key) {
  const [specifier, name] = key.split(" ");
  return { how, specifier, name };
}

function read(summary) {
  const lines = summary.split("\n").filter((line) => line !== "");
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), line.slice(line.lastIndexOf(" "))]),
  );
}

function digest(text) {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
