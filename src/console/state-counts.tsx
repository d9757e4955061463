import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import { type OperationState, summaryOf } from "../summary/operation-summary.ts";
import { KNOWN_TYPES } from "./known-types.ts";
import { stateWord } from "./state-badge.tsx";

const ORDER: readonly OperationState[] = [
  ...(["RUNNING", "PENDING", "CANCELLING", "SUCCEEDED", "FAILED", "ABORTED", "CANCELLED"] as const),
];

/** The state of what has not changed is not worked out again. */
const states = new WeakMap<Operation, OperationState>();

/** How many operations of the page are in which state. */
export function StateCounts({ operations }: { readonly operations: readonly Operation[] }) {
  const counts = new Map<OperationState, number>();
  for (const operation of operations) {
    const state = stateOf(operation);
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return (
    <ul className="counts" aria-label="On this page">
      {ORDER.flatMap((state) => {
        const count = counts.get(state);
        return count === undefined
          ? []
          : [
              <li key={state} className="state" data-state={state}>
                {count.toLocaleString()} {stateWord(state).toLowerCase()}
              </li>,
            ];
      })}
    </ul>
  );
}

function stateOf(operation: Operation): OperationState {
  let state = states.get(operation);
  if (state === undefined) {
    state = summaryOf(operation, KNOWN_TYPES).state;
    states.set(operation, state);
  }
  return state;
}
