import type { Answer, Header, Sent } from "./call.ts";
import { sendFrames } from "./frames-client.ts";
import { sendHttp1, written } from "./http1-client.ts";
import { sendHttp2 } from "./http2-client.ts";
import type { Note } from "./journal.ts";
import type { OpenStack, Pair, Setup } from "./stacks.ts";

/** What a call came to, at both of its ends. */
export interface Outcome {
  readonly answers: readonly Answer[];
  readonly notes: readonly Note[];
}

/** A call whose outcomes differ. */
export interface Difference {
  readonly call: string;
  readonly connect: Outcome;
  readonly direct: Outcome;
}

/** What is compared. */
export interface Comparing {
  /** The order of header lines too; by default they may come in any. */
  readonly inOrder?: boolean;
  /** Not what the servers saw: for calls of which chance decides how far they come. */
  readonly answersOnly?: boolean;
  /** Not what the client saw: it does not hear of all. */
  readonly notesOnly?: boolean;
}

/** Two servers under comparison. */
export interface OpenPair extends AsyncDisposable {
  /** Sends the same to both. Answers with the difference; undefined where there is none. */
  difference(call: Sent, comparing?: Comparing): Promise<Difference | undefined>;
}

/** Opens two servers with the same setup. */
export async function openPair([connect, direct]: Pair, setup: Setup = {}): Promise<OpenPair> {
  await using stack = new AsyncDisposableStack();
  const one = stack.use(await connect(setup));
  const other = stack.use(await direct(setup));
  const kept = stack.move();
  return {
    async difference(call, comparing = {}) {
      const outcome = await outcomeOf(one, call);
      const expected = compared(outcome, comparing, answersBeforeHang(outcome));
      const actual = compared(await outcomeOf(other, call), comparing, answersBeforeHang(outcome));
      if (JSON.stringify(expected) === JSON.stringify(actual)) return undefined;
      return { call: shownCall(call), connect: expected, direct: actual };
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Sends a call to one server. */
export async function outcomeOf(stack: OpenStack, call: Sent): Promise<Outcome> {
  const answers = await answersOf(stack, call);
  const notes = await stack.journal.taken();
  // Of calls that are made at the same time none is first.
  const isOneByOne = call.http !== "at once" && call.http !== "as written";
  return { answers, notes: isOneByOne ? notes : notes.toSorted(byText) };
}

function answersOf({ journal, http1, http2 }: OpenStack, call: Sent): Promise<Answer[]> {
  const noted = () => journal.noted;
  switch (call.http) {
    case "HTTP/2":
      return sendHttp2(http2, [call], noted);
    case "at once":
      return sendHttp2(http2, call.calls, noted);
    case "as frames":
      return sendFrames(http2, call);
    case "HTTP/1.1":
      return sendHttp1(http1, written(call), noted);
    case "as written":
      return sendHttp1(http1, call, noted);
  }
}

function byText(a: Note, b: Note): number {
  const [one, other] = [JSON.stringify(a), JSON.stringify(b)];
  return one < other ? -1 : one > other ? 1 : 0;
}

/**
 * How many answers there are to compare. Connect's adapter leaves a connection of HTTP/1.1 to hang when it has refused a
 * body before all of it has come, and the next request is never answered; it need not be left so.
 */
function answersBeforeHang({ answers }: Outcome): number {
  const at = answers.findIndex(({ end }, i) => i > 0 && end === "nothing");
  return at < 0 ? answers.length : at;
}

function compared(
  { answers: all, notes }: Outcome,
  { inOrder, answersOnly, notesOnly }: Comparing,
  count: number,
): Outcome {
  const answers = count < all.length ? all.slice(0, count) : all;
  const shown = inOrder
    ? answers
    : answers.map((answer) => ({
        ...answer,
        headers: sorted(answer.headers),
        trailers: sorted(answer.trailers),
      }));
  return { answers: notesOnly ? [] : shown, notes: answersOnly ? [] : notes };
}

/** In the order of their names; the values of one name stay as they are. */
function sorted(headers: readonly Header[]): Header[] {
  return headers.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function shownCall(call: Sent): string {
  return JSON.stringify(call, (_, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value,
  );
}
