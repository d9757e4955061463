import type { OperationState } from "../summary/operation-summary.ts";

const WORDS: Readonly<Record<OperationState, string>> = {
  PENDING: "Pending",
  RUNNING: "Running",
  CANCELLING: "Cancelling",
  SUCCEEDED: "Succeeded",
  FAILED: "Failed",
  CANCELLED: "Cancelled",
  ABORTED: "Aborted",
  GONE: "Deleted",
};

/** The state of an operation in a word and a colour. */
export function StateBadge({ state }: { readonly state: OperationState }) {
  return (
    <span className="state" data-state={state}>
      {stateWord(state)}
    </span>
  );
}

/** `Running`. */
export function stateWord(state: OperationState): string {
  return WORDS[state];
}
