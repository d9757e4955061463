import { fromBinary } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import type { Any } from "@bufbuild/protobuf/wkt";
import { file_longrunning_testing_v1_simulator } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import type { AnyRegistry } from "../json/any-registry.ts";
import { typeNameOf } from "../json/type-name.ts";
import { knownTypes } from "../operation/known-types.ts";
import type { AnyReader } from "../summary/operation-summary.ts";

/** The types that the page can show as what they are: google.rpc's, protobuf's own and those of this package. */
class KnownTypes implements AnyReader {
  readonly registry: AnyRegistry = knownTypes([], undefined);

  constructor() {
    this.registry.addFile(file_longrunning_testing_v1_simulator);
  }

  unpack(any: Any | undefined): ReflectMessage | undefined {
    const desc = any && this.registry.known(typeNameOf(any.typeUrl));
    if (any === undefined || desc === undefined) return undefined;
    try {
      return reflect(desc, fromBinary(desc, any.value));
    } catch {
      // Bytes that are none of that type are shown as bytes.
      return undefined;
    }
  }
}

/** What the page knows of types. It never changes. */
export const KNOWN_TYPES: KnownTypes = new KnownTypes();
