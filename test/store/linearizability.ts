import { isDeepStrictEqual } from "node:util";

/** A call as its caller saw it. It took effect at one moment between its start and its answer. */
export interface RecordedCall<Input, Answer> {
  readonly input: Input;
  readonly answer: Answer;
  /** Logical times: of two different moments the later has the greater number. */
  readonly startedAt: number;
  readonly answeredAt: number;
}

/** What a thing would do if its calls came one after another. */
export interface SequentialModel<State, Input, Answer> {
  readonly initial: State;
  step(state: State, input: Input): { readonly state: State; readonly answer: Answer };
}

/**
 * Whether the calls can be put in an order in which a sequential thing would have given the same answers, and
 * in which no call stands before one that was answered before it started. The search is Wing and Gong's
 * ("Testing and verifying concurrent objects", 1993), with Lowe's memory of where it has been. States are
 * told apart by their JSON. At most 30 calls.
 */
export function isLinearizable<State, Input, Answer>(
  calls: readonly RecordedCall<Input, Answer>[],
  model: SequentialModel<State, Input, Answer>,
): boolean {
  if (calls.length > 30) throw new RangeError(`${calls.length} calls are more than 30`);
  const everyCall = 2 ** calls.length - 1;
  const deadEnds = new Set<string>();

  const completes = (placed: number, state: State): boolean => {
    if (placed === everyCall) return true;
    const where = `${placed} ${JSON.stringify(state)}`;
    if (deadEnds.has(where)) return false;
    const left = calls.map((call, i) => ({ call, bit: 2 ** i })).filter(({ bit }) => (placed & bit) === 0);
    // A call may come next only if none that is left was answered before it started.
    const firstAnswer = Math.min(...left.map(({ call }) => call.answeredAt));
    for (const { call, bit } of left) {
      if (call.startedAt > firstAnswer) continue;
      const taken = model.step(state, call.input);
      if (isDeepStrictEqual(taken.answer, call.answer) && completes(placed | bit, taken.state)) return true;
    }
    deadEnds.add(where);
    return false;
  };

  return completes(0, model.initial);
}
