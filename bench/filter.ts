import { create, fromBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import {
  type OperationMetadata,
  OperationMetadataSchema,
} from "../gen/longrunning/v1/operation_metadata_pb.ts";
import { compileFilter } from "../src/filter/filter.ts";
import { newStoredOperation, type StoredOperation } from "../src/operation/stored-operation.ts";
import { Figures, judge, median } from "./figures.ts";
import { endSample, sampleName } from "./sample-operations.ts";

// What a filter costs for each operation it is asked of, beside a predicate written by hand that answers the same;
// and what it costs to compile it. Each run has all of them, one after the other.
const RUNS = 9;
const OPERATIONS = 10_000;
const ROUNDS = 20;
const COMPILED = 2_000;
const MOST_RATIO = 5;

const START_MS = Date.UTC(2026, 0, 1, 12);
const TYPES = { metadata: [OperationMetadataSchema], response: [] };
const METADATA = "type.googleapis.com/longrunning.v1.OperationMetadata";

interface Asked {
  readonly filter: string;
  readonly byHand: (stored: StoredOperation) => boolean;
}

function metadataOf({ message }: StoredOperation): OperationMetadata | undefined {
  const { metadata } = message;
  return metadata?.typeUrl.endsWith("/longrunning.v1.OperationMetadata")
    ? fromBinary(OperationMetadataSchema, metadata.value)
    : undefined;
}

const asked: readonly Asked[] = [
  { filter: "done=true", byHand: ({ message }) => message.done },
  {
    filter: 'done=true AND NOT error:* AND create_time>="2026-01-01T12:00:05Z"',
    byHand: ({ message, createTimeMs }) =>
      message.done && message.result.case !== "error" && createTimeMs >= START_MS + 5_000,
  },
  {
    filter: `metadata.@type=${METADATA} AND name="operations/*0"`,
    byHand: ({ message }) =>
      message.metadata?.typeUrl === METADATA &&
      message.name.startsWith("operations/") &&
      message.name.endsWith("0"),
  },
  {
    filter: "metadata.message=half AND done=false",
    byHand: (stored) => metadataOf(stored)?.message === "half" && !stored.message.done,
  },
];

const operations = Array.from({ length: OPERATIONS }, (_, i) => {
  const stored = newStoredOperation({
    name: sampleName(i),
    parent: "",
    createTimeMs: START_MS + i,
    metadata: anyPack(
      OperationMetadataSchema,
      create(OperationMetadataSchema, { message: i % 3 === 0 ? "half" : "begun" }),
    ),
  });
  return i % 2 === 0 ? { ...endSample(stored), revision: 2 } : stored;
});

/** Asks a predicate of every operation, several times over. Answers nanoseconds for each, and how many it matched. */
function measure(predicate: (stored: StoredOperation) => boolean): { ns: number; matched: number } {
  let matched = 0;
  const beginMs = performance.now();
  for (let round = 0; round < ROUNDS; round++) {
    for (const stored of operations) if (predicate(stored)) matched++;
  }
  return { ns: ((performance.now() - beginMs) * 1e6) / (ROUNDS * OPERATIONS), matched };
}

const evaluated = new Figures();
const compiled = new Figures();
for (let run = 0; run <= RUNS; run++) {
  for (const { filter, byHand } of asked) {
    const beginMs = performance.now();
    for (let i = 0; i < COMPILED; i++) compileFilter(filter, TYPES);
    compiled.note(filter, ((performance.now() - beginMs) * 1_000) / COMPILED);
    const evaluator = compileFilter(filter, TYPES);
    const own = measure((stored) => evaluator?.matches(stored) ?? true);
    const hand = measure(byHand);
    if (own.matched !== hand.matched) throw new Error(`${filter} is not what was written by hand`);
    evaluated.note(filter, own.ns);
    evaluated.note(`${filter} (by hand)`, hand.ns);
  }
  // The first one warms up.
  if (run === 0) for (const figures of [evaluated, compiled]) figures.clear();
}
evaluated.print("one operation, ns");
compiled.print("compile, µs");
console.log();
for (const { filter } of asked) {
  judge(`${filter}, evaluated to by hand`, evaluated.ratio(filter, `${filter} (by hand)`), {
    below: MOST_RATIO,
  });
}
console.log(
  `       compile, all: ${median(asked.map(({ filter }) => median(compiled.of(filter)))).toFixed(1)} µs`,
);
