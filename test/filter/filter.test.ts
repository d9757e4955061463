import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { ErrorInfoSchema, QuotaFailureSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { SimulateWorkResponseSchema } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { OperationMetadataSchema } from "../../gen/longrunning/v1/operation_metadata_pb.ts";
import { compileFilter } from "../../src/filter/filter.ts";
import { newStoredOperation, type StoredOperation } from "../../src/operation/stored-operation.ts";
import { complete, type OperationResult } from "../../src/operation/transition.ts";
import { Kind, ThingSchema } from "../rest/gen/echo/v1/echo_pb.ts";

const TYPES = { metadata: [ThingSchema, OperationMetadataSchema], response: [SimulateWorkResponseSchema] };

const MIDNIGHT_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;

/** An operation that runs, with a metadata that has a field of every kind. */
function thing(init: MessageInitShape<typeof ThingSchema> = {}): StoredOperation {
  const metadata = anyPack(ThingSchema, create(ThingSchema, init));
  return newStoredOperation({ name: "operations/thing", parent: "", createTimeMs: MIDNIGHT_MS, metadata });
}

/** An operation that ended an hour after it was created, and is kept for another. */
function ended(result: OperationResult): StoredOperation {
  return complete({ result, endTimeMs: MIDNIGHT_MS + HOUR_MS, retentionMs: HOUR_MS })(thing());
}

const succeeded = ended({
  case: "response",
  value: anyPack(SimulateWorkResponseSchema, create(SimulateWorkResponseSchema, { payload: "hello" })),
});

const failed = ended({
  case: "error",
  value: create(StatusSchema, {
    code: 9,
    message: "the disk is full",
    details: [
      anyPack(ErrorInfoSchema, create(ErrorInfoSchema)),
      anyPack(QuotaFailureSchema, create(QuotaFailureSchema)),
    ],
  }),
});

const kinds = thing({
  name: "a thing",
  kind: Kind.LARGE,
  kinds: [Kind.SMALL],
  flag: true,
  count: 7,
  big: 9_007_199_254_740_993n,
  ratio: 2.5,
  data: new Uint8Array([1]),
  tags: ["red", "dark blue"],
  numbers: [1n, 2n],
  parts: [
    { name: "lid", count: 1 },
    { name: "box", count: 2 },
  ],
  part: { name: "inner", displayName: "Inner" },
  labels: { env: "test", team: "" },
  createTime: { seconds: 1_767_225_600n, nanos: 500_000_000 },
  timeToLive: { seconds: 90n, nanos: 0 },
  freeForm: { size: 3, owner: { name: "ada" }, list: [1, "two"] },
  optionalCount: 0,
  choice: { case: "other", value: 4 },
});

function matches(filter: string, stored: StoredOperation): boolean {
  return compileFilter(filter, TYPES)?.matches(stored) ?? true;
}

describe("a filter", () => {
  it.each<[string, StoredOperation, boolean]>([
    ["", thing(), true],
    ["  ", thing(), true],
    // The fields of Operation.
    ["done=true", succeeded, true],
    ["done = false", succeeded, false],
    ["done:false", thing(), true],
    ["done != true", thing(), true],
    ["name=operations/thing", thing(), true],
    ['name="operations/*"', thing(), true],
    ["name=operations/*ing", thing(), true],
    ["name=*th*in*", thing(), true],
    ["name=projects/*", thing(), false],
    ["name != operations/other", thing(), true],
    ["name > operations/a AND name < operations/z", thing(), true],
    ["error:*", failed, true],
    ["NOT error:*", succeeded, true],
    ["error.code=9", failed, true],
    ["error.code >= 10", failed, false],
    ['error.message:"the disk*"', failed, true],
    ["error.details.@type:type.googleapis.com/google.rpc.ErrorInfo", failed, true],
    ["error.details.@type:*Help", failed, false],
    ["response:*", succeeded, true],
    ["response:*", failed, false],
    ["response.@type=type.googleapis.com/longrunning.testing.v1.SimulateWorkResponse", succeeded, true],
    ['response.@type = "*SimulateWorkResponse"', failed, false],
    ["response.payload=hello", succeeded, true],
    ["response.payload=hello", failed, false],
    ["metadata:*", thing(), true],
    ["metadata.@type=type.googleapis.com/echo.v1.Thing", thing(), true],
    ["metadata.@type:*OperationMetadata", thing(), false],
    // The times of an operation.
    ["create_time=2026-01-01T00:00:00Z", thing(), true],
    ['create_time = "2026-01-01T01:00:00+01:00"', thing(), true],
    ["create_time > 2025-12-31T23:59:59.999999999Z", thing(), true],
    ["end_time <= 2026-01-01T01:00:00Z", succeeded, true],
    ["end_time:*", thing(), false],
    ["end_time != 2026-01-01T01:00:00Z", thing(), false],
    ["expire_time >= 2026-01-01T02:00:00Z", succeeded, true],
    // Every kind of field.
    ['metadata.name="a thing"', kinds, true],
    ['metadata.name:"a *"', kinds, true],
    ["metadata.kind=KIND_LARGE", kinds, true],
    ["metadata.kind != KIND_SMALL", kinds, true],
    ["metadata.kinds:KIND_SMALL", kinds, true],
    ["metadata.flag=true", kinds, true],
    ["metadata.count > 6", kinds, true],
    ["metadata.count=-7", kinds, false],
    ["metadata.big=9007199254740993", kinds, true],
    ["metadata.big=9007199254740992", kinds, false],
    ["metadata.ratio >= 25e-1", kinds, true],
    // A float is what is nearest to it in 32 bits, and so is what it is compared with.
    ["metadata.small_ratio=0.1", thing({ smallRatio: 0.1 }), true],
    ["metadata.small_ratio <= 0.1", thing({ smallRatio: 0.1 }), true],
    ["metadata.small_ratio > 0.1", thing({ smallRatio: 0.1 }), false],
    ["metadata.ratio=0.1", thing({ ratio: Math.fround(0.1) }), false],
    ["metadata.data:*", kinds, true],
    ["metadata.data:*", thing(), false],
    ['metadata.tags:"dark blue"', kinds, true],
    ["metadata.tags:dark*", kinds, true],
    ["metadata.tags:blue", kinds, false],
    ["metadata.tags:*", thing(), false],
    ["metadata.numbers:2", kinds, true],
    ["metadata.parts.name:box", kinds, true],
    ["metadata.parts.count:3", kinds, false],
    ["metadata.part.display_name=Inner", kinds, true],
    ["metadata.part.displayName=Inner", kinds, true],
    ["metadata.labels:env", kinds, true],
    ["metadata.labels:other", kinds, false],
    ["metadata.labels.env=test", kinds, true],
    ["metadata.labels.team:*", kinds, true],
    ["metadata.labels.other:*", kinds, false],
    ["metadata.create_time > 2026-01-01T00:00:00.499Z", kinds, true],
    ["metadata.time_to_live=90s", kinds, true],
    ["metadata.time_to_live > 89.999999999s", kinds, true],
    ["metadata.free_form.size >= 3", kinds, true],
    ["metadata.free_form.owner.name=ada", kinds, true],
    ["metadata.free_form.list:two", kinds, true],
    // What is no number is none of those that JSON may have, not even 0.
    ['metadata.free_form.size=""', thing({ freeForm: { size: 0 } }), false],
    ["metadata.free_form.size=0x10", thing({ freeForm: { size: 16 } }), false],
    ["metadata.free_form.size != large", kinds, true],
    ["metadata.free_form.size < large", kinds, false],
    ["metadata.free_form.nothing:*", kinds, false],
    ["metadata.optional_count=0", kinds, true],
    ["metadata.optional_count:*", kinds, true],
    ["metadata.optional_count:*", thing(), false],
    ["metadata.other=4", kinds, true],
    ["metadata.one:*", kinds, false],
    // A scalar without presence is there where it is not its default.
    ["metadata.count:*", kinds, true],
    ["metadata.count:*", thing(), false],
    ["metadata.count=0", thing(), true],
    // Through what is not set nothing matches, not even by !=.
    ["metadata.part.name=inner", thing(), false],
    ["metadata.part.name != inner", thing(), false],
    ["metadata.create_time != 2026-01-01T00:00:00Z", thing(), false],
    ["metadata.progress.percent != 5", thing(), false],
    // Both types of metadata have a field of that name, of another type each.
    ["metadata.message=x OR metadata.name=a*", kinds, true],
    // Text in the order of its bytes, which UTF-16 has the other way round.
    ["metadata.name > \uff5a", thing({ name: "🙂" }), true],
    // Words joined.
    ["done=true AND error:*", failed, true],
    ["done=true error:*", failed, true],
    ["done=true AND NOT error:*", failed, false],
    ["done=true -error:*", succeeded, true],
    ["NOT (done=true AND error:*)", succeeded, true],
    ["NOT(done=true)", thing(), true],
    // OR binds tighter than AND.
    ["done=false AND name=x OR name=operations/thing", thing(), true],
    ["name=operations/thing OR name=x AND done=true", thing(), false],
    ["done=true OR (name=operations/* AND done=false)", thing(), true],
    ["error.code=(5 OR 9)", failed, true],
    ["error.code=(NOT 9)", failed, false],
    // Before a digit a minus is the number's.
    ["metadata.count=(-7 OR -8)", thing({ count: -7 }), true],
    ["metadata.count=(-7 OR -8)", thing({ count: 1 }), false],
    ["metadata.ratio=(2 OR -.5)", thing({ ratio: -0.5 }), true],
    ["metadata.tags:(red AND -green)", kinds, true],
    ["metadata.tags:(red AND NOT green)", kinds, true],
    // Text as it is written.
    ['metadata.name="a \\"thing\\""', thing({ name: 'a "thing"' }), true],
    ["metadata.name='a thing'", kinds, true],
    ['metadata.name="a\\*"', thing({ name: "a*" }), true],
    ['metadata.name="a\\*"', thing({ name: "ab" }), false],
    ['metadata.name="back\\\\slash"', thing({ name: "back\\slash" }), true],
    ["metadata.name=naïve-日本", thing({ name: "naïve-日本" }), true],
    ['metadata.name=""', thing(), true],
    ['metadata.name="*"', thing(), true],
    ["metadata.name=*aab*", thing({ name: "aaab" }), true],
    ["metadata.name=*abab*b", thing({ name: "abaababb" }), true],
    ["metadata.name=*abab*b", thing({ name: "abaabab" }), false],
    ["metadata.name=a**b***c*", thing({ name: "abc" }), true],
    ["metadata.name=*a*a*", thing({ name: "a" }), false],
  ])("%j", (filter, stored, expected) => {
    expect(matches(filter, stored)).toBe(expected);
  });

  it("finds nothing in metadata whose bytes are none of their type", () => {
    const metadata = { ...anyPack(ThingSchema, create(ThingSchema)), value: new Uint8Array([255]) };
    const broken = newStoredOperation({ name: "operations/a", parent: "", createTimeMs: 0, metadata });
    expect([matches("metadata.count=0", broken), matches("metadata:*", broken)]).toEqual([false, true]);
  });
});

describe("a filter that cannot be answered", () => {
  it.each<[filter: string, column: number, fault: string]>([
    ["done", 1, "has done alone; compare a field with it, as in field = value"],
    ['"a text"', 1, 'has "a text" alone; compare a field with it, as in field = value'],
    ["done=true hello", 11, "has hello alone; compare a field with it, as in field = value"],
    ["cow(1)", 1, "calls a function, cow, and there is none"],
    ["math.max(1, 2)=3", 1, "calls a function, math.max, and there is none"],
    ["done=not(true)", 6, "calls a function, not, and there is none"],
    ["state=RUNNING", 1, "has state, which no operation has"],
    ["error.colour=red", 1, "has error.colour, which no operation has"],
    ["name.first=a", 1, "has name.first, which no operation has"],
    [
      "done=true metadata.colour=red",
      11,
      "has metadata.colour, which no known type of a metadata has (echo.v1.Thing, longrunning.v1.OperationMetadata)",
    ],
    ["done=maybe", 6, 'has "maybe" where true or false should be'],
    ["done>false", 6, "compares true or false by >; only = and != can be asked of it"],
    ["error.code=NOT_FOUND", 12, 'has "NOT_FOUND" where an integer should be'],
    ["error.code=1.5", 12, 'has "1.5" where an integer should be'],
    [
      "metadata.kind=large",
      15,
      'has "large" where a value of echo.v1.Kind (KIND_UNSPECIFIED, KIND_LARGE, KIND_SMALL) should be',
    ],
    [
      "metadata.kind>KIND_LARGE",
      15,
      "compares a value of echo.v1.Kind by >; only = and != can be asked of it",
    ],
    ["create_time>yesterday", 13, 'has "yesterday" where a time, such as 2026-01-31T12:00:00Z should be'],
    [
      "create_time>2026-02-30T00:00:00Z",
      13,
      'has "2026-02-30T00:00:00Z" where a time, such as 2026-01-31T12:00:00Z should be',
    ],
    ["metadata.time_to_live=90", 23, 'has "90" where a duration, such as 20s should be'],
    ["metadata.part=x", 15, "compares a message with a value; only field:* can be asked of it"],
    ["metadata.data=AQ", 15, "compares bytes with a value; only field:* can be asked of it"],
    [
      "metadata.tags=red",
      1,
      "compares metadata.tags, which has many values, by =; only : can be asked of it",
    ],
    ["metadata.name>a*", 15, "has a * behind >; only = and != know wildcards"],
    ["done=true AND", 14, "has the end where the name of a field should be"],
    ["done=true OR", 13, "has the end where the name of a field should be"],
    ["done=true)", 10, 'has ")" where the end, or another restriction should be'],
    ["(done=true", 11, 'has the end where ")" should be'],
    ["done=", 6, "has the end where a value should be"],
    ["done==true", 6, 'has "=" where a value should be'],
    ["=true", 1, 'has "=" where the name of a field should be'],
    ["done=true, name=a", 10, 'has "," where AND, OR or the end should be'],
    ['name="operations', 6, 'has a string that no " ends'],
    ["metadata..x=1", 10, 'has "." where the name of a field should be'],
    [`${"(".repeat(21)}done=true${")".repeat(21)}`, 21, "is nested more than 20 levels deep"],
    [`${"NOT (".repeat(11)}done=true${")".repeat(11)}`, 51, "is nested more than 20 levels deep"],
    [Array(101).fill("done=true").join(" "), 1_001, "has more than 100 restrictions"],
    [`error.code=(${Array(101).fill("1").join(" OR ")})`, 508, "has more than 100 restrictions"],
    [
      Array(11).fill("name=*a*").join(" "),
      ...([96, "searches for text between two * more than 10 times"] as const),
    ],
    [
      `name=(${Array(11).fill("*a*").join(" OR ")})`,
      77,
      "searches for text between two * more than 10 times",
    ],
    [`name=${"a".repeat(5_000)}`, 4_097, "is longer than 4096 characters"],
    [`metadata.${Array(13).fill("part").join(".")}=1`, 1, "has a path of more than 12 fields"],
  ])("%j is refused at column %d", (filter, column, fault) => {
    expect(refusalOf(filter)).toEqual([fault, String(column)]);
  });
});

/** What is wrong with a filter, as the error tells people, and in which column, as it tells machines. */
function refusalOf(filter: string): [fault: string | undefined, column: string | undefined] {
  try {
    compileFilter(filter, TYPES);
  } catch (error) {
    const { rawMessage, details } = ConnectError.from(error);
    const [, fault] = /^filter "(?:[^"\\]|\\.)*" (.*) \(column \d+\)$/s.exec(rawMessage) ?? [];
    const infos = details.flatMap((detail) =>
      "desc" in detail ? [detail.value as { metadata?: unknown }] : [],
    );
    const column = infos.map(({ metadata }) => metadata as Record<string, string> | undefined)[0]?.["column"];
    return [fault, column];
  }
  throw new Error(`${filter} was not refused`);
}
