import { Code } from "@connectrpc/connect";
import { type Answer, type Refused, shownRefusal } from "./answer.ts";
import { codeName } from "./code-name.ts";
import { Deviation, NotApplicable } from "./deviation.ts";

/** So much later than asked for an answer may come: for a slow network, and for a busy machine. */
export const SLACK_MS = 1_000;

/** What a call has answered. A refusal is a deviation. `call` names it: `Get of a done operation`. */
export function answered<Value>(answer: Answer<Value>, call: string): Value {
  if (answer.ok) return answer.value;
  throw new Deviation(`${call}: ${shownRefusal(answer.refusal)}`, `${call} answers OK`);
}

/** Expects that a call is refused, with one of these codes. */
export function expectRefusal(answer: Answer<unknown>, call: string, ...codes: readonly Code[]): void {
  const expected = `${call} answers ${codes.map(codeName).join(" or ")}`;
  if (answer.ok) throw new Deviation(`${call}: OK`, expected);
  const { refusal } = answer;
  if (codes.includes(refusal.code) && !refusal.byUs) return;
  if (isDenied(answer))
    throw new NotApplicable(`${call} is refused to this caller: ${shownRefusal(refusal)}`);
  throw new Deviation(`${call}: ${shownRefusal(refusal)}`, expected);
}

/** Whether the caller may not know (AIP-211). */
export function isDenied({ refusal }: Refused): boolean {
  return refusal.code === Code.PermissionDenied || refusal.code === Code.Unauthenticated;
}

/** Expects that a call took at most so long, and a little more. */
export function expectWithin(answer: Answer<unknown>, mostMs: number, call: string): void {
  const { tookMs } = answer;
  if (tookMs <= mostMs + SLACK_MS) return;
  const expected = mostMs === 0 ? "an answer at once" : `an answer within ${mostMs} ms`;
  throw new Deviation(`${call} took ${Math.round(tookMs)} ms`, `${expected}, or up to ${SLACK_MS} ms later`);
}
