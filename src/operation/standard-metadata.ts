import {
  create,
  type DescField,
  type DescMessage,
  fromBinary,
  isMessage,
  toBinary,
} from "@bufbuild/protobuf";
import { type ReflectMessage, reflect, scalarZeroValue } from "@bufbuild/protobuf/reflect";
import { type Any, AnySchema, anyIs, TimestampSchema, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import {
  type OperationMetadata,
  type OperationMetadata_Progress,
  OperationMetadata_ProgressSchema,
  OperationMetadata_State,
  OperationMetadataSchema,
} from "../../gen/longrunning/v1/operation_metadata_pb.ts";
import { nextMessage, type StoredOperation } from "./stored-operation.ts";
import type { Transition } from "./transition.ts";

/**
 * Fills the conventional fields of an operation's metadata with what is known of the operation. What is not
 * known, and every other field, stays as the work left it. `updateTimeMs` is in milliseconds since the epoch.
 * Never throws, because an operation must be able to end: metadata of another type, and metadata that cannot
 * be read or written, stays as it is.
 */
export type MetadataFiller = (stored: StoredOperation, updateTimeMs: number) => StoredOperation;

/** What a field says of an operation; undefined where that is not known. */
type Fact = (
  stored: StoredOperation,
  updateTimeMs: number,
) => ReflectMessage | bigint | boolean | number | undefined;

/** The time that a field of this name tells, in milliseconds since the epoch. */
const TIMES = new Map<string, (stored: StoredOperation, updateTimeMs: number) => number | undefined>([
  ["create_time", (stored) => stored.createTimeMs],
  ["start_time", (stored) => stored.startTimeMs],
  ["update_time", (_, updateTimeMs) => updateTimeMs],
  ["end_time", (stored) => stored.endTimeMs],
  ["done_time", (stored) => stored.endTimeMs],
  ["expire_time", (stored) => stored.expireTimeMs],
]);

/** A transition whose outcome has its metadata filled; the same object back where the transition changes nothing. */
export function filling(
  filler: MetadataFiller | undefined,
  updateTimeMs: number,
  transition: Transition,
): Transition {
  if (filler === undefined) return transition;
  return (stored) => {
    const next = transition(stored);
    return next === stored ? stored : filler(next, updateTimeMs);
  };
}

/**
 * What fills metadata of this type: by name and type of its fields, and of `longrunning.v1.OperationMetadata`
 * the state, the attempt and the percentage too. Undefined where the type has no conventional field.
 */
export function metadataFiller(desc: DescMessage): MetadataFiller | undefined {
  // Of our own message we know every field, whoever generated the code.
  const type = desc.typeName === OperationMetadataSchema.typeName ? OperationMetadataSchema : desc;
  const facts = factsOf(type);
  if (facts.size === 0) return undefined;
  const nothingReported = create(AnySchema, { typeUrl: `type.googleapis.com/${type.typeName}` });
  return (stored, updateTimeMs) => {
    const metadata = edited(stored.message.metadata ?? nothingReported, type, (message) => {
      for (const [field, fact] of facts) {
        const value = fact(stored, updateTimeMs);
        if (value !== undefined) message.set(field, value);
      }
      if (isMessage(message.message, OperationMetadataSchema)) fillOwn(message.message, stored);
    });
    return metadata ? { ...stored, message: nextMessage(stored.message, { metadata }) } : stored;
  };
}

/** The next bytes of a message, of the same type URL; undefined where they are none of that type. */
function edited(any: Any, type: DescMessage, edit: (message: ReflectMessage) => void): Any | undefined {
  try {
    if (!anyIs(any, type)) return undefined;
    const message = fromBinary(type, any.value);
    edit(reflect(type, message));
    return create(AnySchema, { typeUrl: any.typeUrl, value: toBinary(type, message) });
  } catch {
    // Not its bytes, a type URL without a type, or a required field (proto2) that the work has yet to set.
    return undefined;
  }
}

function factsOf(type: DescMessage): ReadonlyMap<DescField, Fact> {
  const facts = new Map<DescField, Fact>();
  for (const field of type.fields) {
    const fact = factOf(field);
    if (fact !== undefined) facts.set(field, fact);
  }
  return facts;
}

function factOf(field: DescField): Fact | undefined {
  // Setting a member of a oneof would unset the one that the work has chosen.
  if (field.oneof !== undefined) return undefined;
  if (field.fieldKind === "message" && field.message.typeName === TimestampSchema.typeName) {
    const timeMs = TIMES.get(field.name);
    return timeMs && ((stored, updateTimeMs) => timestamp(timeMs(stored, updateTimeMs)));
  }
  if (field.fieldKind !== "scalar") return undefined;
  const zero = scalarZeroValue(field.scalar, false);
  switch (field.name) {
    case "cancel_requested":
    case "requested_cancellation":
      // The work may have heard of a cancel that the server has not: what it says is never taken back.
      return zero === false ? (stored) => stored.cancelRequested || undefined : undefined;
    case "progress_percent":
      if (zero === 0) return (stored) => (succeeded(stored) ? 100 : undefined);
      return zero === 0n ? (stored) => (succeeded(stored) ? 100n : undefined) : undefined;
    default:
      return undefined;
  }
}

/** An operation that is kept for ever expires at Infinity, which no timestamp can say. */
function timestamp(ms: number | undefined): ReflectMessage | undefined {
  if (ms === undefined || !Number.isFinite(ms)) return undefined;
  return reflect(TimestampSchema, timestampFromMs(Math.floor(ms)));
}

/** Fills what our own message says beyond the conventional fields. */
function fillOwn(metadata: OperationMetadata, stored: StoredOperation): void {
  metadata.state = stateOf(stored);
  metadata.attempt = stored.attempt;
  if (succeeded(stored)) metadata.progress ??= create(OperationMetadata_ProgressSchema);
  if (metadata.progress !== undefined) {
    metadata.progress.percent = succeeded(stored) ? 100 : percentOf(metadata.progress);
  }
}

function stateOf({ message, cancelRequested, owner, work }: StoredOperation): OperationMetadata_State {
  const { result } = message;
  switch (result.case) {
    case "response":
      return OperationMetadata_State.SUCCEEDED;
    case "error":
      return stateOfCode(result.value.code);
    default:
      if (cancelRequested) return OperationMetadata_State.CANCELLING;
      return owner === undefined && work !== undefined
        ? OperationMetadata_State.PENDING
        : OperationMetadata_State.RUNNING;
  }
}

function stateOfCode(code: number): OperationMetadata_State {
  switch (code) {
    case Code.Canceled:
      return OperationMetadata_State.CANCELLED;
    case Code.Aborted:
      return OperationMetadata_State.ABORTED;
    default:
      return OperationMetadata_State.FAILED;
  }
}

/** Rounded down. Without a total, it is as the work said. */
function percentOf({ unitsDone, unitsTotal, percent }: OperationMetadata_Progress): number {
  if (unitsTotal <= 0n) return percent;
  return Math.min(Math.max(Number((unitsDone * 100n) / unitsTotal), 0), 100);
}

function succeeded({ message }: StoredOperation): boolean {
  return message.result.case === "response";
}
