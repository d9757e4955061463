import { Code } from "@connectrpc/connect";
import type { OperationsCaller } from "./operations-caller.ts";
import { objectOf } from "./rest/json-object.ts";

const NOBODY = "operations/does-anybody-answer";

/** Codes that a server answers a Get with; others are what a transport makes of a server that speaks otherwise. */
const ANSWERS: readonly Code[] = [
  ...[Code.NotFound, Code.InvalidArgument, Code.PermissionDenied, Code.Unauthenticated],
  ...[Code.FailedPrecondition, Code.ResourceExhausted],
];

/** Whether a server serves operations over the caller's protocol. */
export async function answers(caller: OperationsCaller): Promise<boolean> {
  const answer = await caller.get(NOBODY);
  if (answer.ok) return true;
  if (!ANSWERS.includes(answer.refusal.code) || answer.refusal.byUs) return false;
  // Any HTTP server answers 404. One of this kind says so in JSON.
  return caller.protocol !== "rest" || objectOf(answer.http?.json) !== undefined;
}
