import {
  createRegistry,
  type DescEnum,
  type DescExtension,
  type DescFile,
  type DescMessage,
  type DescService,
  type Registry,
} from "@bufbuild/protobuf";
import { file_google_protobuf_wrappers } from "@bufbuild/protobuf/wkt";
import { opaqueType } from "./opaque-type.ts";

/** So many names that no descriptor is known for are remembered: they come from clients. */
const MOST_OPAQUE_TYPES = 256;

/**
 * The types that JSON can show in an Any. For a name that it does not know it has an opaque type, which JSON
 * shows as `{"value": <base64>}`: see `shownInJson` and `readFromJson`.
 */
export class AnyRegistry implements Registry {
  readonly kind = "registry";
  readonly #files = new Set<DescFile>();
  readonly #opaque = new Map<string, DescMessage>();
  readonly #more: (Registry | DescMessage)[];
  #known: Registry | undefined;

  constructor(...more: readonly (Registry | DescMessage)[]) {
    this.#more = [...more];
    this.addFile(file_google_protobuf_wrappers);
    for (const one of more) if (one.kind === "message") this.addFile(one.file);
  }

  /** Knows all types of a file, and of those that it imports. */
  addFile(file: DescFile): void {
    if (this.#files.has(file)) return;
    this.#files.add(file);
    this.#known = undefined;
    for (const dependency of file.dependencies) this.addFile(dependency);
  }

  /** Knows all types of another registry. */
  add(more: Registry): void {
    if (this.#more.includes(more)) return;
    this.#more.push(more);
    this.#known = undefined;
  }

  /** The same registry that knows further types too. */
  with(more: Registry | undefined): AnyRegistry {
    if (more === undefined) return this;
    const registry = new AnyRegistry(...this.#more, more);
    for (const file of this.#files) registry.addFile(file);
    return registry;
  }

  /** The files of all types that are known. */
  get files(): ReadonlySet<DescFile> {
    return new Set(Array.from(this.#types, ({ file }) => file));
  }

  /** The descriptor of a type; undefined where nobody has told of it. */
  known(typeName: string): DescMessage | undefined {
    return this.#types.getMessage(typeName);
  }

  getMessage(typeName: string): DescMessage | undefined {
    return this.known(typeName) ?? this.#opaqueType(typeName);
  }

  get(typeName: string): DescMessage | DescEnum | DescExtension | DescService | undefined {
    return this.#types.get(typeName);
  }

  getEnum(typeName: string): DescEnum | undefined {
    return this.#types.getEnum(typeName);
  }

  getExtension(typeName: string): DescExtension | undefined {
    return this.#types.getExtension(typeName);
  }

  getExtensionFor(extendee: DescMessage, no: number): DescExtension | undefined {
    return this.#types.getExtensionFor(extendee, no);
  }

  getService(typeName: string): DescService | undefined {
    return this.#types.getService(typeName);
  }

  [Symbol.iterator](): IterableIterator<DescMessage | DescEnum | DescExtension | DescService> {
    return this.#types[Symbol.iterator]();
  }

  get #types(): Registry {
    this.#known ??= createRegistry(...this.#files, ...this.#more);
    return this.#known;
  }

  #opaqueType(typeName: string): DescMessage {
    let type = this.#opaque.get(typeName);
    if (type === undefined) {
      if (this.#opaque.size >= MOST_OPAQUE_TYPES) this.#opaque.clear();
      type = opaqueType(typeName);
      this.#opaque.set(typeName, type);
    }
    return type;
  }
}
