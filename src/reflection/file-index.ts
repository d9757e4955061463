import type { DescEnum, DescFile, DescMessage } from "@bufbuild/protobuf";

/** The files that a server's services are defined in, by what clients ask for. */
export class FileIndex {
  readonly #byName = new Map<string, DescFile>();
  readonly #bySymbol = new Map<string, DescFile>();
  /** By the extended type, and by the extension's number. */
  readonly #byExtension = new Map<string, Map<number, DescFile>>();
  readonly #messages = new Set<string>();

  /** Knows these files, and those that they import. Of two of the same name, the first is the one. */
  constructor(files: Iterable<DescFile>) {
    for (const file of files) this.#add(file);
  }

  /** The file of that name, such as `google/longrunning/operations.proto`. */
  named(name: string): DescFile | undefined {
    return this.#byName.get(name);
  }

  /** The file that declares a symbol: a service, method, message, field, oneof, enum, enum value or extension. */
  declaring(symbol: string): DescFile | undefined {
    return this.#bySymbol.get(symbol);
  }

  /** The file that declares the extension of that number. */
  extending(typeName: string, number: number): DescFile | undefined {
    return this.#byExtension.get(typeName)?.get(number);
  }

  /** The numbers of all extensions of a message; undefined where there is no such message. */
  extensionNumbers(typeName: string): number[] | undefined {
    if (!this.#messages.has(typeName)) return undefined;
    return [...(this.#byExtension.get(typeName)?.keys() ?? [])].sort((a, b) => a - b);
  }

  #add(file: DescFile): void {
    if (this.#byName.has(file.proto.name)) return;
    this.#byName.set(file.proto.name, file);
    for (const dependency of file.dependencies) this.#add(dependency);
    for (const service of file.services) {
      this.#bySymbol.set(service.typeName, file);
      for (const { name } of service.methods) this.#bySymbol.set(`${service.typeName}.${name}`, file);
    }
    this.#addTypes(file, file);
  }

  #addTypes(file: DescFile, scope: DescFile | DescMessage): void {
    const nested = scope.kind === "file" ? scope : nestedIn(scope);
    for (const extension of nested.extensions) {
      this.#bySymbol.set(extension.typeName, file);
      const { typeName } = extension.extendee;
      const numbers = this.#byExtension.get(typeName) ?? new Map<number, DescFile>();
      this.#byExtension.set(typeName, numbers.set(extension.number, file));
    }
    for (const desc of nested.enums) this.#addEnum(file, desc);
    for (const message of nested.messages) {
      this.#messages.add(message.typeName);
      this.#bySymbol.set(message.typeName, file);
      for (const { name } of [...message.fields, ...message.oneofs]) {
        this.#bySymbol.set(`${message.typeName}.${name}`, file);
      }
      this.#addTypes(file, message);
    }
  }

  #addEnum(file: DescFile, { typeName, values }: DescEnum): void {
    this.#bySymbol.set(typeName, file);
    // The values of an enum stand beside it, not in it.
    const scope = typeName.slice(0, typeName.lastIndexOf(".") + 1);
    for (const { name } of values) this.#bySymbol.set(scope + name, file);
  }
}

function nestedIn({ nestedMessages, nestedEnums, nestedExtensions }: DescMessage) {
  return { messages: nestedMessages, enums: nestedEnums, extensions: nestedExtensions };
}
