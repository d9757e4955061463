import { type DescFile, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import type { ServerReflectionRequest } from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import type { FileIndex } from "./file-index.ts";

/** What a client asks for; v1 and v1alpha have the same questions and answers. */
export type Question =
  | Exclude<ServerReflectionRequest["messageRequest"], { readonly case: "fileContainingExtension" }>
  | {
      readonly case: "fileContainingExtension";
      readonly value: { readonly containingType: string; readonly extensionNumber: number };
    };

/** What is served. */
export interface Reflected {
  /** The full names of the services, in order. */
  readonly services: readonly string[];
  readonly files: FileIndex;
}

/**
 * Answers one question of a stream. `sent` has the names of the files that the stream has carried already: clients
 * keep what they get, and are not sent the imports of a file again.
 */
export function reflectionAnswer({ services, files }: Reflected, question: Question, sent: Set<string>) {
  switch (question.case) {
    case "listServices": {
      const service = services.map((name) => ({ name }));
      return { case: "listServicesResponse", value: { service } } as const;
    }
    case "fileByFilename": {
      const name = question.value;
      return fileAnswer(files.named(name), `file ${JSON.stringify(name)}`, sent);
    }
    case "fileContainingSymbol": {
      const symbol = question.value;
      return fileAnswer(files.declaring(symbol), `symbol ${JSON.stringify(symbol)}`, sent);
    }
    case "fileContainingExtension": {
      const { containingType, extensionNumber } = question.value;
      const what = `extension ${extensionNumber} of ${JSON.stringify(containingType)}`;
      return fileAnswer(files.extending(containingType, extensionNumber), what, sent);
    }
    case "allExtensionNumbersOfType": {
      const baseTypeName = question.value;
      const extensionNumber = files.extensionNumbers(baseTypeName);
      if (extensionNumber === undefined) {
        return errorAnswer(Code.NotFound, `type ${JSON.stringify(baseTypeName)} is not found`);
      }
      return { case: "allExtensionNumbersResponse", value: { baseTypeName, extensionNumber } } as const;
    }
    case undefined:
      return errorAnswer(Code.InvalidArgument, "message_request is not set");
  }
}

function fileAnswer(file: DescFile | undefined, what: string, sent: Set<string>) {
  if (file === undefined) return errorAnswer(Code.NotFound, `${what} is not found`);
  sent.delete(file.proto.name);
  const fileDescriptorProto = [...unsent(file, sent)].map(({ proto }) =>
    toBinary(FileDescriptorProtoSchema, proto),
  );
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto } } as const;
}

/** The file itself, and what it imports, each once. */
function* unsent(file: DescFile, sent: Set<string>): Iterable<DescFile> {
  if (sent.has(file.proto.name)) return;
  sent.add(file.proto.name);
  yield file;
  for (const dependency of file.dependencies) yield* unsent(dependency, sent);
}

function errorAnswer(errorCode: Code, errorMessage: string) {
  return { case: "errorResponse", value: { errorCode, errorMessage } } as const;
}
