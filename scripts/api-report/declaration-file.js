// A declaration file, as far as the report of the public names needs it: what it declares, imports and exports.
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { parseSync } from "rolldown/utils";

/** Reads `path`, which is one below `folder`. */
export function readDeclarationFile(folder, path) {
  const text = readFileSync(join(folder, path), "utf8");
  const { program, comments, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`"${path}" cannot be parsed: ${errors[0].message}`);
  const maps = { declared: new Map(), imported: new Map(), exported: new Map() };
  const file = { path, text, statements: program.body, ...maps, allOf: [] };
  for (const statement of program.body) readStatement(file, statement, (node) => code(text, comments, node));
  return file;
}

function readStatement(file, statement, print) {
  const from = statement.source ? target(file.path, statement.source.value) : undefined;
  if (statement.type === "ImportDeclaration") {
    for (const { local, imported } of statement.specifiers) {
      file.imported.set(local.name, { from, name: imported?.name ?? "*" });
    }
  } else if (statement.type === "ExportAllDeclaration") {
    file.allOf.push(from);
  } else if (statement.type === "ExportNamedDeclaration") {
    for (const { local, exported } of statement.specifiers) {
      file.exported.set(exported.name, { from, name: local.name });
    }
    for (const name of namesOf(statement.declaration)) file.exported.set(name, { name });
    declare(file, statement.declaration, statement, print);
  } else {
    declare(file, statement, statement, print);
  }
}

/** A name may have several declarations: overloads, or a type and a value. */
function declare(file, declaration, statement, print) {
  for (const name of namesOf(declaration)) {
    const known = file.declared.get(name) ?? { texts: [], mentions: new Set(), inline: [] };
    known.texts.push(print(statement));
    collectMentions(file.path, declaration, known);
    file.declared.set(name, known);
  }
}

/** The names that a statement declares. */
export function namesOf(declaration) {
  if (declaration === null || declaration === undefined) return [];
  if (declaration.type === "VariableDeclaration") return declaration.declarations.map(({ id }) => id.name);
  return declaration.id ? [declaration.id.name] : [];
}

/** Every name that stands in a declaration, and the types that it imports where they stand: `import("./door.ts").Door`. */
function collectMentions(path, node, into) {
  if (Array.isArray(node)) for (const each of node) collectMentions(path, each, into);
  else if (typeof node === "object" && node !== null) {
    if (node.type === "Identifier") into.mentions.add(node.name);
    if (node.type === "TSImportType") {
      into.inline.push({ from: target(path, node.source.value), name: firstOf(node.qualifier) });
    }
    for (const value of Object.values(node)) collectMentions(path, value, into);
  }
}

/** `Door` of `Door.Lock`. */
function firstOf(qualifier) {
  return qualifier.type === "TSQualifiedName" ? firstOf(qualifier.left) : qualifier.name;
}

/** The text of a node without its comments, and without empty lines. */
function code(text, comments, { start, end }) {
  let printed = "";
  let at = start;
  for (const comment of comments) {
    if (comment.start < start || comment.end > end) continue;
    printed += text.slice(at, comment.start);
    at = comment.end;
  }
  printed += text.slice(at, end);
  const lines = printed.split("\n").map((line) => line.trimEnd());
  return lines.filter((line) => line !== "").join("\n");
}

/** The file that a relative specifier leads to; a package is itself. */
export function target(path, specifier) {
  if (!specifier.startsWith(".")) return { package: specifier };
  return { file: normalize(join(dirname(path), specifier)).replace(/\.[jt]s$/, ".d.ts") };
}
