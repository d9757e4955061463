// Which declarations the entry points of a package lead to.
import { namesOf, readDeclarationFile, target } from "./api-report/declaration-file.js";

/** Follows names from the files that others import to all that these mention, below one folder. */
export class ReachedDeclarations {
  #folder;
  #files = new Map();

  constructor(folder) {
    this.#folder = folder;
  }

  /** Reaches all that a file exports. */
  addAllOf(path) {
    const { file, allOf } = this.#at(path);
    for (const name of file.exported.keys()) this.#addExport(path, name);
    for (const { file: from } of file.allOf) {
      if (allOf.has(from)) continue;
      allOf.add(from);
      this.addAllOf(from);
    }
  }

  /** What is left of a file, with its doc comments; undefined where nothing of it is reached. */
  textOf(path) {
    const reached = this.#files.get(path);
    if (reached === undefined || reached.isEmpty()) return undefined;
    const { text, statements } = reached.file;
    let left = "";
    let end = 0;
    for (const statement of statements) {
      const code = codeOf(statement, reached);
      // A comment belongs to the statement behind it.
      if (code !== undefined) left += text.slice(end, statement.start) + code;
      end = statement.end;
    }
    return left.trimStart() + text.slice(end);
  }

  #addExport(path, name) {
    const { file, exported, allOf } = this.#at(path);
    if (exported.has(name)) return;
    const place = file.exported.get(name);
    if (place === undefined) {
      const from = file.allOf.find((one) => this.#exports(one.file, name))?.file;
      if (from === undefined) throw new Error(`"${path}" does not export "${name}"`);
      allOf.add(from);
      this.#addExport(from, name);
      return;
    }
    exported.add(name);
    if (place.from === undefined) this.#addLocal(path, place.name);
    else this.#addFrom(place.from, place.name);
  }

  #addLocal(path, name) {
    const { file, locals } = this.#at(path);
    const imported = file.imported.get(name);
    const declared = file.declared.get(name);
    // Neither is a name that everybody has, or one of a member.
    if (locals.has(name) || (imported ?? declared) === undefined) return;
    locals.add(name);
    if (imported !== undefined) this.#addFrom(imported.from, imported.name);
    for (const mentioned of declared?.mentions ?? []) this.#addLocal(path, mentioned);
    for (const { from, name: mentioned } of declared?.inline ?? []) this.#addFrom(from, mentioned);
  }

  #addFrom({ file }, name) {
    if (file === undefined) return;
    if (name === "*") throw new Error(`"${file}" is imported as a whole`);
    this.#addExport(file, name);
  }

  #exports(path, name) {
    const { file } = this.#at(path);
    return file.exported.has(name) || file.allOf.some((one) => this.#exports(one.file, name));
  }

  #at(path) {
    let reached = this.#files.get(path);
    if (reached === undefined) {
      const file = readDeclarationFile(this.#folder, path);
      const [locals, exported, allOf] = [new Set(), new Set(), new Set()];
      const isEmpty = () => locals.size + exported.size + allOf.size === 0;
      reached = { file, locals, exported, allOf, isEmpty };
      this.#files.set(path, reached);
    }
    return reached;
  }
}

/** A statement as far as it is reached; undefined where it is not. */
function codeOf(statement, { file, locals, exported, allOf }) {
  const whole = file.text.slice(statement.start, statement.end);
  if (statement.type === "ExportAllDeclaration") {
    return allOf.has(target(file.path, statement.source.value).file) ? whole : undefined;
  }
  if (statement.type === "ImportDeclaration") {
    return codeWith(file, statement, ({ local }) => locals.has(local.name));
  }
  const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
  const names = namesOf(declaration);
  if (names.length > 0) return names.some((name) => locals.has(name)) ? whole : undefined;
  return codeWith(file, statement, (specifier) => exported.has(specifier.exported.name));
}

/** A list of imports or exports, with those of its names that are reached. */
function codeWith({ text }, { start, end, specifiers }, isReached) {
  const reached = specifiers.filter(isReached);
  if (reached.length === specifiers.length) return text.slice(start, end);
  if (reached.length === 0) return undefined;
  const names = reached.map((specifier) => text.slice(specifier.start, specifier.end));
  const [first, last] = [specifiers[0], specifiers.at(-1)];
  const opened = text.slice(start, first.start);
  if (!opened.includes("{")) throw new Error(`"${text.slice(start, end)}" is no list`);
  return opened + names.join(", ") + text.slice(last.end, end);
}
