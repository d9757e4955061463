import { create, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { type Any, AnySchema, anyPack, DurationSchema, StringValueSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { type Operation, OperationSchema } from "../../gen/google/longrunning/operations_pb.ts";
import { file_google_rpc_error_details, HelpSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { file_google_rpc_status, StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { AnyRegistry } from "../../src/json/any-registry.ts";

/** A registry that knows google.rpc and the well-known types, and nothing else. */
export function someRegistry(): AnyRegistry {
  const registry = new AnyRegistry(DurationSchema, StringValueSchema);
  registry.addFile(file_google_rpc_status);
  registry.addFile(file_google_rpc_error_details);
  return registry;
}

export function packed<Desc extends DescMessage>(desc: Desc, value: MessageInitShape<Desc>): Any {
  return anyPack(desc, create(desc, value));
}

export function anyOf(typeUrl: string, value: readonly number[]): Any {
  return create(AnySchema, { typeUrl, value: new Uint8Array(value) });
}

/** An Any of a type that no registry has. */
export const FOREIGN = anyOf("type.googleapis.com/far.away.Thing", [0xff, 0x00, 0x7f]);
export const FOREIGN_JSON = { "@type": "type.googleapis.com/far.away.Thing", value: "/wB/" };

/** An Any that is not what it says that it is. */
export const BROKEN = anyOf("type.googleapis.com/google.rpc.Status", [0xff]);
export const BROKEN_JSON = { "@type": "type.googleapis.com/google.rpc.Status", value: "/w==" };

const bytes = fc.uint8Array({ maxLength: 24 });

/** An Any as a client or a stored operation may have it: known, unknown, broken, or holding any other. */
export const { any: arbitraryAny } = fc.letrec<{ any: Any }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.string().map((value) => packed(StringValueSchema, { value })),
    fc
      .record({ seconds: fc.bigInt(-400_000_000_000n, 400_000_000_000n), nanos: fc.integer() })
      .map((value) => packed(DurationSchema, value)),
    fc.string({ unit: "binary" }).map((url) => packed(HelpSchema, { links: [{ description: "see", url }] })),
    fc
      .tuple(
        fc.constantFrom(
          "far.away.Thing",
          "google.rpc.Status",
          "google.protobuf.Duration",
          "google.protobuf.Any",
          "google.rpc.Help",
        ),
        bytes,
      )
      .map(([name, value]) => anyOf(`type.googleapis.com/${name}`, [...value])),
    fc.tuple(fc.string(), bytes).map(([typeUrl, value]) => anyOf(typeUrl, [...value])),
    tie("any").map((any) => packed(AnySchema, any)),
    fc
      .array(tie("any"), { maxLength: 3 })
      .map((details) => packed(StatusSchema, { code: 5, message: "lost", details })),
  ),
}));

/** An operation with any Anys. */
export const arbitraryOperation: fc.Arbitrary<Operation> = fc
  .record({
    name: fc.string(),
    metadata: fc.option(arbitraryAny, { nil: undefined }),
    result: fc.oneof(
      arbitraryAny.map((value) => ({ case: "response", value }) as const),
      fc
        .array(arbitraryAny, { maxLength: 3 })
        .map((details) => ({ case: "error", value: create(StatusSchema, { code: 3, details }) }) as const),
    ),
  })
  .map(({ metadata, ...rest }) =>
    create(OperationSchema, metadata === undefined ? rest : { ...rest, metadata }),
  );
