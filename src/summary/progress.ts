import { ScalarType } from "@bufbuild/protobuf";
import type { ReflectMessage } from "@bufbuild/protobuf/reflect";

/** How far work is, as its metadata says it. */
export interface Progress {
  /** How much of it is done, and how much there is; both or none. */
  readonly units: { readonly done: number; readonly total: number } | undefined;
  /** What is counted, in the plural. */
  readonly unit: string | undefined;
  /** 0 to 100. */
  readonly percent: number | undefined;
  /** What the work is about, for people. */
  readonly message: string | undefined;
}

/** What stands before `_total` or behind `total_`, and then with one of these, for what is done of it. */
const DONE = ["done", "completed", "processed", "read", "written", "finished"];
const PERCENT = ["progress_percent", "progress_percentage", "percent", "percentage", "percent_complete"];
const MESSAGE = ["message", "progress_message", "status_message", "state_message", "status_detail"];
/** Not what is counted, but that something is. */
const NO_UNIT = ["units", "work", "items"];

/**
 * The progress in an operation's metadata, by the names that fields conventionally have: `progress` of
 * `longrunning.v1.OperationMetadata` and of Google's services, `pages_done` and `pages_total`, `progress_percent`,
 * Firestore's `completed_work` and `estimated_work`, `message`. Undefined where none of them is there.
 */
export function progressOf(metadata: ReflectMessage | undefined): Progress | undefined {
  if (metadata === undefined) return undefined;
  const inner = messageField(metadata, "progress");
  const own = inner ?? metadata;
  const { units, unit } = unitsOf(own) ?? {};
  const percent = units ? percentOf(units) : firstNumber(own, PERCENT);
  const message = firstText(metadata, MESSAGE);
  if (units === undefined && percent === undefined && message === undefined) return undefined;
  const bounded = percent === undefined ? undefined : Math.min(Math.max(percent, 0), 100);
  return { units, unit, percent: bounded, message };
}

function percentOf({ done, total }: NonNullable<Progress["units"]>): number {
  return Math.floor((done * 100) / total);
}

function unitsOf(message: ReflectMessage): Pick<Progress, "units" | "unit"> | undefined {
  for (const { name } of message.fields) {
    const counted = /^(\w+)_total$/.exec(name)?.[1] ?? /^total_(\w+)$/.exec(name)?.[1];
    if (counted === undefined) continue;
    const total = numberField(message, name) ?? 0;
    const doneName = DONE.flatMap((word) => [`${counted}_${word}`, `${word}_${counted}`]).find((name) =>
      message.fields.some((field) => field.name === name),
    );
    if (!(total > 0) || doneName === undefined) continue;
    const unit = firstText(message, ["unit"]) ?? (NO_UNIT.includes(counted) ? undefined : counted);
    return { units: { done: numberField(message, doneName) ?? 0, total }, unit: unit?.replaceAll("_", " ") };
  }
  const total = numberField(message, "estimated_work") ?? 0;
  const done = numberField(message, "completed_work");
  return total > 0 && done !== undefined ? { units: { done, total }, unit: undefined } : undefined;
}

function messageField(message: ReflectMessage, name: string): ReflectMessage | undefined {
  const field = message.fields.find((field) => field.name === name);
  return field?.fieldKind === "message" && message.isSet(field) ? message.get(field) : undefined;
}

function firstNumber(message: ReflectMessage, names: readonly string[]): number | undefined {
  for (const name of names) {
    const number = numberField(message, name);
    if (number !== undefined) return number;
  }
  return undefined;
}

/** The number in a field; undefined where there is no such field, or it holds none. */
function numberField(message: ReflectMessage, name: string): number | undefined {
  const field = message.fields.find((field) => field.name === name);
  if (field?.fieldKind !== "scalar") return undefined;
  const value: unknown = message.get(field);
  const number = typeof value === "bigint" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

function firstText(message: ReflectMessage, names: readonly string[]): string | undefined {
  for (const name of names) {
    const field = message.fields.find((field) => field.name === name);
    if (field?.fieldKind !== "scalar" || field.scalar !== ScalarType.STRING) continue;
    const text: unknown = message.get(field);
    if (typeof text === "string" && text !== "") return text;
  }
  return undefined;
}
