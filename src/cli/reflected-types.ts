import { create, createFileRegistry, type FileRegistry, fromBinary } from "@bufbuild/protobuf";
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { createClient, type Transport } from "@connectrpc/connect";
import { ServerReflection } from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionAlpha } from "../../gen/grpc/reflection/v1alpha/reflection_pb.ts";

/** How long a server may take to tell of one file: types are an extra. */
const PATIENCE_MS = 3_000;

/** So many files are asked for at most, for one type. */
const MOST_FILES = 500;

type Question =
  | { readonly case: "fileByFilename"; readonly value: string }
  | { readonly case: "fileContainingSymbol"; readonly value: string };

/** Asks a server for its types (grpc.reflection v1, and where that is missing v1alpha). */
export class ReflectedTypes {
  readonly #versions: ((question: Question) => Promise<readonly Uint8Array[]>)[];

  constructor(transport: Transport) {
    const v1 = createClient(ServerReflection, transport);
    const alpha = createClient(ServerReflectionAlpha, transport);
    const options = { timeoutMs: PATIENCE_MS };
    this.#versions = [
      async (messageRequest) => {
        const answers = v1.serverReflectionInfo(once({ messageRequest }), options);
        return await filesOf(answers);
      },
      async (messageRequest) => {
        const answers = alpha.serverReflectionInfo(once({ messageRequest }), options);
        return await filesOf(answers);
      },
    ];
  }

  /** The file that declares a type, and all that it imports; undefined where the server does not tell. Never throws. */
  async registryOf(typeName: string): Promise<FileRegistry | undefined> {
    try {
      return await this.#registryOf(typeName);
    } catch {
      // A server that tells nonsense of its types tells nothing.
      return undefined;
    }
  }

  async #registryOf(typeName: string): Promise<FileRegistry | undefined> {
    const files = new Map<string, FileDescriptorProto>();
    await this.#ask({ case: "fileContainingSymbol", value: typeName }, files);
    if (files.size === 0) return undefined;
    // A server may leave out the imports: then they are asked for by name.
    for (const { dependency } of files.values()) {
      for (const name of dependency) {
        if (files.size > MOST_FILES) return undefined;
        if (!files.has(name)) await this.#ask({ case: "fileByFilename", value: name }, files);
      }
    }
    return createFileRegistry(create(FileDescriptorSetSchema, { file: importsFirst(files) }));
  }

  async #ask(question: Question, files: Map<string, FileDescriptorProto>): Promise<void> {
    for (const ask of [...this.#versions]) {
      try {
        for (const bytes of await ask(question)) {
          const file = fromBinary(FileDescriptorProtoSchema, bytes);
          files.set(file.name, file);
        }
        return;
      } catch {
        // A version that a server does not have is not asked for again.
        this.#versions.splice(this.#versions.indexOf(ask), 1);
      }
    }
  }
}

interface Told {
  readonly messageResponse: { readonly case?: string | undefined; readonly value?: unknown };
}

/** To its end, for the timer of a call that is left in the midst of it would keep the process. */
async function filesOf(answers: AsyncIterable<Told>): Promise<readonly Uint8Array[]> {
  const files: Uint8Array[] = [];
  for await (const { messageResponse } of answers) {
    if (messageResponse.case !== "fileDescriptorResponse") continue;
    // Both versions have the same message under that name.
    files.push(...(messageResponse.value as { fileDescriptorProto: Uint8Array[] }).fileDescriptorProto);
  }
  return files;
}

function importsFirst(files: ReadonlyMap<string, FileDescriptorProto>): FileDescriptorProto[] {
  const ordered = new Map<string, FileDescriptorProto>();
  const visited = new Set<string>();
  const visit = (name: string) => {
    const file = files.get(name);
    if (file === undefined || visited.has(name)) return;
    visited.add(name);
    for (const dependency of file.dependency) visit(dependency);
    ordered.set(name, file);
  };
  for (const name of files.keys()) visit(name);
  return [...ordered.values()];
}

async function* once<Request>(request: Request): AsyncIterable<Request> {
  yield request;
}
