import { create, createFileRegistry, type FileRegistry, fromBinary } from "@bufbuild/protobuf";
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { createClient, type Transport } from "@connectrpc/connect";
import {
  ServerReflection,
  type ServerReflectionResponse,
} from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import {
  type ServerReflectionResponse as AlphaResponse,
  ServerReflection as ServerReflectionAlpha,
} from "../../gen/grpc/reflection/v1alpha/reflection_pb.ts";

type Question =
  | { readonly case: "listServices"; readonly value: string }
  | { readonly case: "fileByFilename"; readonly value: string }
  | { readonly case: "fileContainingSymbol"; readonly value: string };

interface Told {
  readonly services: readonly string[];
  readonly files: readonly FileDescriptorProto[];
}

/** Asks a server what it serves (grpc.reflection v1, and where that is missing v1alpha). */
export class ReflectionClient {
  readonly #versions: readonly ((question: Question) => Promise<Told | undefined>)[];

  constructor(transport: Transport, headers: Readonly<Record<string, string>>, timeoutMs: number) {
    const v1 = createClient(ServerReflection, transport);
    const alpha = createClient(ServerReflectionAlpha, transport);
    const options = { headers, timeoutMs };
    this.#versions = [
      async (question) => {
        const answers = v1.serverReflectionInfo(once({ messageRequest: question }), options);
        for await (const { messageResponse } of answers) return told(messageResponse);
        return undefined;
      },
      async (question) => {
        const answers = alpha.serverReflectionInfo(once({ messageRequest: question }), options);
        for await (const { messageResponse } of answers) return told(messageResponse);
        return undefined;
      },
    ];
  }

  /** The full names of all services; undefined where the server does not tell. */
  async services(): Promise<readonly string[] | undefined> {
    return (await this.#ask({ case: "listServices", value: "" }))?.services;
  }

  /** The file that declares a symbol, with all that it imports; undefined where the server does not tell. */
  async registryOf(symbol: string): Promise<FileRegistry | undefined> {
    const known = new Map<string, FileDescriptorProto>();
    const add = async (question: Question) => {
      for (const file of (await this.#ask(question))?.files ?? []) known.set(file.name, file);
    };
    await add({ case: "fileContainingSymbol", value: symbol });
    // A server may leave out the imports: then they are asked for by name.
    for (const { dependency } of known.values()) {
      for (const name of dependency) {
        if (!known.has(name)) await add({ case: "fileByFilename", value: name });
        if (!known.has(name)) return undefined;
      }
    }
    if (known.size === 0) return undefined;
    return createFileRegistry(create(FileDescriptorSetSchema, { file: importsFirst(known) }));
  }

  async #ask(question: Question): Promise<Told | undefined> {
    for (const ask of this.#versions) {
      const answer = await ask(question).catch(() => undefined);
      if (answer !== undefined) return answer;
    }
    return undefined;
  }
}

function told(
  response: ServerReflectionResponse["messageResponse"] | AlphaResponse["messageResponse"],
): Told | undefined {
  if (response.case === "listServicesResponse") {
    return { services: response.value.service.map(({ name }) => name), files: [] };
  }
  if (response.case !== "fileDescriptorResponse") return undefined;
  const files = response.value.fileDescriptorProto.map((bytes) =>
    fromBinary(FileDescriptorProtoSchema, bytes),
  );
  return { services: [], files };
}

function importsFirst(known: ReadonlyMap<string, FileDescriptorProto>): FileDescriptorProto[] {
  const ordered = new Map<string, FileDescriptorProto>();
  const visit = (name: string) => {
    const file = known.get(name);
    if (file === undefined || ordered.has(name)) return;
    for (const dependency of file.dependency) visit(dependency);
    ordered.set(name, file);
  };
  for (const name of known.keys()) visit(name);
  return [...ordered.values()];
}

async function* once<Request>(request: Request): AsyncIterable<Request> {
  yield request;
}
