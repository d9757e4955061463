import { DurationSchema, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { OperationMetadataSchema } from "../../gen/longrunning/v1/operation_metadata_pb.ts";
import { compileFilter } from "../../src/filter/filter.ts";

// The seconds and nanos of a Duration are those of a Timestamp too.
const TYPES = {
  metadata: [OperationMetadataSchema, DurationSchema, TimestampSchema],
  response: [OperationMetadataSchema],
};

const NEW_YEAR_MS = Date.UTC(2026, 0, 1);
const RUNNING = { only: { by: "done", value: false } };
const OF_METADATA = { only: { by: "metadataType", value: "longrunning.v1.OperationMetadata" } };

/** What a filter needs, without what it does not. */
function needsOf(text: string): object {
  return JSON.parse(JSON.stringify(compileFilter(text, TYPES)?.needs));
}

describe("what every match of a filter needs", () => {
  it.each([
    ['name="operations/a"', { name: "operations/a" }],
    ["name:operations/a", { name: "operations/a" }],
    ["name = operations/a AND done = true", { name: "operations/a" }],
    ['name="operations/a*"', { namePrefix: "operations/a" }],
    ['name:"operations/a*b*"', { namePrefix: "operations/a" }],
    ['name="operations/\\**"', { namePrefix: "operations/*" }],
    ['name="a*" AND name="ab*" AND name="*c"', { namePrefix: "ab" }],
    ["expire_time<2026-01-01T00:00:00Z", { expires: { untilMs: NEW_YEAR_MS - 1 } }],
    [
      "expire_time>=2026-01-01T00:00:00Z AND expire_time<2026-01-01T00:00:01Z AND expire_time>2025-01-01T00:00:00Z",
      { expires: { fromMs: NEW_YEAR_MS, untilMs: NEW_YEAR_MS + 999 } },
    ],
    ["done=false", RUNNING],
    ["done!=true", RUNNING],
    ["NOT done=true", RUNNING],
    ["-done:*", RUNNING],
    ["NOT (done != false)", RUNNING],
    ["metadata.@type=type.googleapis.com/x.Y", { only: { by: "metadataType", value: "x.Y" } }],
    ['metadata.@type="*/x.Y"', { only: { by: "metadataType", value: "x.Y" } }],
    ["metadata.message=hello", OF_METADATA],
    ["metadata.message:*", OF_METADATA],
    ["metadata.message!=hello", OF_METADATA],
    ["metadata.message=hello done=false", RUNNING],
    ["done=false AND metadata.@type=t/x.Y", RUNNING],
    ["create_time>=2026-01-01T00:00:00Z", { createdFromMs: NEW_YEAR_MS }],
    ["create_time>2026-01-01T00:00:00Z", { createdFromMs: NEW_YEAR_MS + 1 }],
    ["create_time<=2026-01-01T00:00:00Z", { createdUntilMs: NEW_YEAR_MS }],
    ["create_time<2026-01-01T00:00:00Z", { createdUntilMs: NEW_YEAR_MS - 1 }],
    ["create_time=2026-01-01T00:00:00Z", { createdFromMs: NEW_YEAR_MS, createdUntilMs: NEW_YEAR_MS }],
    [
      "end_time<2026-01-01T00:00:00Z",
      { createdUntilMs: NEW_YEAR_MS - 1, ended: { untilMs: NEW_YEAR_MS - 1 } },
    ],
    [
      "end_time=2026-01-01T00:00:00Z",
      { createdUntilMs: NEW_YEAR_MS, ended: { fromMs: NEW_YEAR_MS, untilMs: NEW_YEAR_MS } },
    ],
    ["end_time>=2026-01-01T00:00:00Z", { ended: { fromMs: NEW_YEAR_MS } }],
    [
      "end_time>2026-01-01T00:00:00Z AND end_time<2026-01-01T00:00:01Z",
      { createdUntilMs: NEW_YEAR_MS + 999, ended: { fromMs: NEW_YEAR_MS + 1, untilMs: NEW_YEAR_MS + 999 } },
    ],
    ["create_time>=2026-01-01T00:00:00.0001Z", { createdFromMs: NEW_YEAR_MS + 1 }],
    ["create_time>2026-01-01T00:00:00.0001Z", { createdFromMs: NEW_YEAR_MS + 1 }],
    ["create_time<=2026-01-01T00:00:00.0001Z", { createdUntilMs: NEW_YEAR_MS }],
    ["create_time<2026-01-01T00:00:00.0001Z", { createdUntilMs: NEW_YEAR_MS }],
    ["create_time<=1969-12-31T23:59:59.9999Z", { createdUntilMs: -1 }],
    [
      "create_time>=2026-01-01T00:00:00Z AND (create_time<2026-01-02T00:00:00Z AND create_time>2025-01-01T00:00:00Z)",
      { createdFromMs: NEW_YEAR_MS, createdUntilMs: NEW_YEAR_MS + 86_400_000 - 1 },
    ],
  ])("of %s", (text, needs) => {
    expect(needsOf(text)).toEqual(needs);
  });

  it.each([
    "done=true",
    "NOT done=false",
    'name="*a"',
    "NOT name=operations/*",
    "expire_time!=2026-01-01T00:00:00Z",
    "expire_time:*",
    "end_time!=2026-01-01T00:00:00Z",
    "end_time:*",
    "name!=operations/a",
    "NOT name=operations/a",
    "name:*",
    "name>a",
    "name=(operations/a OR operations/b)",
    "done=false OR name=operations/a",
    "NOT (done=true AND name=a)",
    "metadata.@type=type.googleapis.com/x.*",
    'metadata.@type="*x.Y"',
    "metadata.@type!=t/x.Y",
    "metadata.@type:*",
    "metadata:*",
    "metadata.seconds=1",
    "NOT metadata.message=hello",
    "metadata.message=(NOT hello)",
    "response.message=hello",
    "create_time!=2026-01-01T00:00:00Z",
    "NOT create_time>2026-01-01T00:00:00Z",
    "create_time:*",
    "end_time!=2026-01-01T00:00:00Z",
    "error:*",
  ])("nothing is known of %s", (text) => {
    expect(needsOf(text)).toEqual({});
  });
});
