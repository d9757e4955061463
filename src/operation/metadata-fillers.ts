import type { DescMessage } from "@bufbuild/protobuf";
import { OperationMetadataSchema } from "../../gen/longrunning/v1/operation_metadata_pb.ts";
import type { OperationType } from "./operation-type.ts";
import { type MetadataFiller, metadataFiller } from "./standard-metadata.ts";
import type { StoredOperation } from "./stored-operation.ts";

/**
 * What fills the metadata of every operation type that is known, found by the type of the metadata. That of
 * `longrunning.v1.OperationMetadata` is always known.
 */
export class MetadataFillers {
  readonly #fillers = new Map<string, MetadataFiller | undefined>();

  constructor(types: Iterable<OperationType> = []) {
    this.#learn(OperationMetadataSchema);
    for (const type of types) this.add(type);
  }

  /** Makes a type known, and answers what fills its metadata; undefined where there is nothing to fill. */
  add({ metadata }: OperationType): MetadataFiller | undefined {
    return this.#learn(metadata);
  }

  /** Fills the metadata of an operation as its type asks for. Of a type that is not known, it stays as it is. */
  readonly fill: MetadataFiller = (stored: StoredOperation, updateTimeMs: number) => {
    const { typeUrl } = stored.message.metadata ?? {};
    const filler = typeUrl && this.#fillers.get(typeUrl.slice(typeUrl.lastIndexOf("/") + 1));
    return filler ? filler(stored, updateTimeMs) : stored;
  };

  #learn(metadata: DescMessage): MetadataFiller | undefined {
    const { typeName } = metadata;
    if (!this.#fillers.has(typeName)) this.#fillers.set(typeName, metadataFiller(metadata));
    return this.#fillers.get(typeName);
  }
}
