import { isLinearizable, type RecordedCall, type SequentialModel } from "../store/linearizability.ts";
import { type Answer, type Command, operationModel, type Sight } from "../store/operation-model.ts";

/** The answer of a call of which nobody knows whether it has done what it was to do. */
export const UNKNOWN = "unknown";
export type Unknown = typeof UNKNOWN;

type Call = RecordedCall<Command, Answer | Unknown>;

interface Input {
  readonly command: Command;
  readonly isUnknown: boolean;
}

/** What is unknown answers nothing, whatever it does. */
const model: SequentialModel<Sight, Input, Answer | Unknown> = {
  initial: operationModel.initial,
  step(state, { command, isUnknown }) {
    const { state: next, answer } = operationModel.step(state, command);
    return { state: next, answer: isUnknown ? UNKNOWN : answer };
  },
};

/**
 * Whether the calls can be put in an order in which one operation would have given the same answers: each call of
 * unknown outcome somewhere after it began, or nowhere.
 */
export function isLinearizableWithUnknowns(history: readonly Call[]): boolean {
  // Of a read nobody can see whether it was made.
  const unknown = history.filter(({ input, answer }) => answer === UNKNOWN && input.call !== "get");
  const known = history.filter(({ answer }) => answer !== UNKNOWN);
  for (let chosen = 0; chosen < 2 ** unknown.length; chosen++) {
    const made = unknown.filter((_, i) => (chosen & (1 << i)) !== 0);
    const calls = [...known, ...made].map(({ input, answer, ...times }) => ({
      ...times,
      input: { command: input, isUnknown: answer === UNKNOWN },
      answer,
    }));
    if (isLinearizable(calls, model)) return true;
  }
  return false;
}
