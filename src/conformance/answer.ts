import type { Code } from "@connectrpc/connect";
import type { BadRequest, ErrorInfo } from "../../gen/google/rpc/error_details_pb.ts";
import { codeName } from "./code-name.ts";
import type { HttpAnswer } from "./rest/http-answer.ts";

/** What a call came to, and how long it took. */
export type Answer<Value> = Answered<Value> | Refused;

export interface Answered<Value> {
  readonly ok: true;
  readonly value: Value;
  readonly tookMs: number;
  /** The answer by REST. */
  readonly http?: HttpAnswer | undefined;
}

export interface Refused {
  readonly ok: false;
  readonly refusal: Refusal;
  readonly tookMs: number;
  readonly http?: HttpAnswer | undefined;
}

/** A google.rpc.Status that a call was refused with. */
export interface Refusal {
  readonly code: Code;
  readonly message: string;
  readonly details: readonly Detail[];
  /** Whether this suite gave up, and the server said nothing. */
  readonly byUs: boolean;
}

/** A detail of an error: those that are read are there as messages. */
export interface Detail {
  readonly typeName: string;
  readonly errorInfo?: ErrorInfo | undefined;
  readonly badRequest?: BadRequest | undefined;
}

/** A refusal in a few words: `NOT_FOUND "operation …"`. */
export function shownRefusal({ code, message, byUs }: Refusal): string {
  if (byUs) return message;
  return message === "" ? codeName(code) : `${codeName(code)} ${JSON.stringify(shortened(message))}`;
}

const SHOWN_LENGTH = 160;

function shortened(text: string): string {
  return text.length <= SHOWN_LENGTH ? text : `${text.slice(0, SHOWN_LENGTH).toWellFormed()}…`;
}
