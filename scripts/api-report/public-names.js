// What each entry point exports: the names, the declarations behind them, and what these mention.
import { readDeclarationFile } from "./declaration-file.js";

/** Reads the declarations below a folder, each file once. */
export class PublicNames {
  #folder;
  #files = new Map();

  constructor(folder) {
    this.#folder = folder;
  }

  /** The exported names of a file, each with the place of its declaration. */
  exportsOf(path) {
    const file = this.#file(path);
    const found = new Map();
    for (const { file: from } of file.allOf) {
      for (const [name, place] of this.exportsOf(from)) found.set(name, place);
    }
    for (const name of file.exported.keys()) found.set(name, this.#placeOfExport(path, name));
    return found;
  }

  /** The declarations at a place, as text. */
  textOf({ path, name }) {
    return this.#file(path).declared.get(name).texts.join("\n");
  }

  /** The places of this package's own declarations that the one at a place mentions, generated code left out. */
  mentionedAt({ path, name }) {
    const file = this.#file(path);
    const { mentions, inline } = file.declared.get(name);
    const own = inline.filter(({ from }) => from.file !== undefined);
    const places = own.map(({ from, name: mentioned }) => this.#placeOfExport(from.file, mentioned));
    for (const mentioned of mentions) {
      const imported = file.imported.get(mentioned);
      if (imported?.from.file !== undefined)
        places.push(this.#placeOfExport(imported.from.file, imported.name));
      else if (imported === undefined && file.declared.has(mentioned)) places.push({ path, name: mentioned });
    }
    return places.filter((place) => !place.path.startsWith("gen/"));
  }

  #file(path) {
    let file = this.#files.get(path);
    if (file === undefined) {
      file = readDeclarationFile(this.#folder, path);
      this.#files.set(path, file);
    }
    return file;
  }

  #placeOfExport(path, name) {
    const file = this.#file(path);
    const exported = file.exported.get(name);
    if (exported === undefined) {
      for (const { file: from } of file.allOf) {
        const found = this.exportsOf(from).get(name);
        if (found !== undefined) return found;
      }
      throw new Error(`"${path}" does not export "${name}"`);
    }
    if (exported.from !== undefined) return this.#placeOfExport(exported.from.file, exported.name);
    if (file.declared.has(exported.name)) return { path, name: exported.name };
    const imported = file.imported.get(exported.name);
    return this.#placeOfExport(imported.from.file, imported.name);
  }
}
