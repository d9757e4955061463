import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { type Operation, OperationSchema } from "../../gen/google/longrunning/operations_pb.ts";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { payloadOf } from "./server.ts";

/** What a server has told its clients of one operation. */
interface Told {
  readonly payload: string;
  deletion: "none" | "asked for" | "acknowledged";
  /** The operation as it was when it was first seen done. */
  end: Uint8Array | undefined;
}

/** Whether an operation that was started with a payload has ended in a way that is its own. */
export type IsOwnEnd = (operation: Operation, payload: string) => boolean;

/** What servers, one after another or together on one store, have told their clients: it is to stay true. */
export class EverythingTold {
  readonly #told = new Map<string, Told>();
  readonly #isOwnEnd: IsOwnEnd;
  /** How many starts, ends and deletions were acknowledged. */
  acknowledged = 0;
  /** Operations that were acknowledged and are gone, or came back though their deletion was acknowledged. */
  readonly lost: string[] = [];
  /** Operations that were seen done, and are otherwise now. */
  readonly reverted: string[] = [];
  /** Operations that ended in a way in which they could not. */
  readonly strange: string[] = [];
  /** How many operations ended because their server was lost. */
  aborted = 0;

  /** By default an operation ends with its payload. */
  constructor(isOwnEnd: IsOwnEnd = (operation, payload) => payloadOf(operation) === payload) {
    this.#isOwnEnd = isOwnEnd;
  }

  started(operation: Operation, payload: string): void {
    this.#told.set(operation.name, { payload, deletion: "none", end: undefined });
    this.acknowledged++;
    if (operation.done) this.seen(operation);
  }

  /** An answer: it is held against what was told before. */
  seen(operation: Operation): void {
    const told = this.#told.get(operation.name);
    if (told === undefined) return;
    const bytes = toBinary(OperationSchema, operation);
    if (told.end !== undefined) {
      if (!Buffer.from(told.end).equals(bytes))
        this.reverted.push(`${shown(told.end)} became ${shown(bytes)}`);
    } else if (operation.done) {
      told.end = bytes;
      this.acknowledged++;
      this.#checkEnd(operation, told);
    }
  }

  /** Whether an operation was seen done. */
  hasEnded(name: string): boolean {
    return this.#told.get(name)?.end !== undefined;
  }

  deleting(name: string): void {
    this.#change(name, "asked for");
  }

  deleted(name: string): void {
    this.#change(name, "acknowledged");
    this.acknowledged++;
  }

  /** Holds everything that a server keeps against everything that was told. Answers what still runs. */
  check(kept: readonly Operation[]): string[] {
    const found = new Map(kept.map((operation) => [operation.name, operation]));
    const running: string[] = [];
    for (const [name, { deletion }] of this.#told) {
      const operation = found.get(name);
      if (operation === undefined) {
        if (deletion === "none") this.lost.push(`${name} is gone`);
        // It is gone, and nobody need ask for it again.
        this.#told.delete(name);
        continue;
      }
      if (deletion === "acknowledged") this.lost.push(`${name} was deleted, and is there`);
      this.seen(operation);
      if (!operation.done) running.push(name);
    }
    return running;
  }

  #change(name: string, deletion: Told["deletion"]): void {
    const told = this.#told.get(name);
    if (told !== undefined) told.deletion = deletion;
  }

  #checkEnd(operation: Operation, { payload }: Told): void {
    if (this.#isOwnEnd(operation, payload)) return;
    if (reasonOf(operation) === "SERVER_LOST") this.aborted++;
    else this.strange.push(`${operation.name} was to end with ${payload}: ${shownOf(operation)}`);
  }
}

/** The reason of the ErrorInfo of an operation that was aborted. */
export function reasonOf({ result }: Operation): string | undefined {
  if (result.case !== "error" || result.value.code !== Code.Aborted) return undefined;
  for (const detail of result.value.details) {
    const info = anyUnpack(detail, ErrorInfoSchema);
    if (info !== undefined) return info.reason;
  }
  return undefined;
}

function shown(bytes: Uint8Array): string {
  return shownOf(fromBinary(OperationSchema, bytes));
}

function shownOf(operation: Operation): string {
  const { name, done, result } = operation;
  const end = result.case === "error" ? `${result.value.code} ${result.value.message}` : payloadOf(operation);
  return `${name} (${done ? `done: ${end}` : "running"})`;
}
