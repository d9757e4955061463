/** A header line. */
export type Header = readonly [name: string, value: string];

/**
 * What a client does next: sends bytes, or
 * - `end`: says that its request is over;
 * - `pause`: lets the server take what it was sent;
 * - `lag`: lets a deadline of 20 ms pass;
 * - `dawdle`: does nothing for so long that a server may call it slow;
 * - `noted`: waits until the server's journal has something in it: the gate, an interceptor or the handler was called;
 * - `answered`: waits until it is answered in full;
 * - `half-close`: closes its half of the connection (HTTP/1 alone);
 * - `destroy`: is gone, with its connection;
 * - `reset n`: resets its stream with that code (HTTP/2 alone).
 */
export type Step =
  | Uint8Array
  | "end"
  | "pause"
  | "lag"
  | "dawdle"
  | "noted"
  | "answered"
  | "half-close"
  | "destroy"
  | `reset ${number}`;

/** A request, and how it is sent. */
export interface Call {
  readonly http: "HTTP/1.1" | "HTTP/2";
  readonly method: string;
  readonly path: string;
  readonly headers: readonly Header[];
  readonly steps: readonly Step[];
}

/** What is written to a connection of HTTP/1, to the letter. */
export interface Written {
  readonly http: "as written";
  readonly steps: readonly Step[];
  /** The HTTP methods of the requests that are written. */
  readonly methods: readonly string[];
}

/** Calls that are made on one connection of HTTP/2 at the same time. */
export interface Together {
  readonly http: "at once";
  readonly calls: readonly Call[];
}

/** What is written to a connection of HTTP/2 behind its greeting, frame by frame. */
export interface Frames {
  readonly http: "as frames";
  readonly steps: readonly Step[];
}

/** Whatever a client can send. */
export type Sent = Call | Written | Together | Frames;

/** How an answer looks to whom it was sent. */
export interface Answer {
  /** Those before it, of the statuses 1xx. */
  readonly interim: readonly number[];
  readonly status: number | undefined;
  readonly headers: readonly Header[];
  readonly body: string;
  readonly trailers: readonly Header[];
  readonly end: string;
}

/** How long a client lags. */
export const LAG_MS = 60;

/** How long a client dawdles. */
export const DAWDLE_MS = 3_200;

/** How long a client waits for an answer before it is none. */
export const PATIENCE_MS = 2_000;

/** What both servers answer to: the calls say so themselves. */
export const AUTHORITY = "probe.test";

/** The lines without what differs from second to second. */
export function withoutDate(headers: readonly Header[]): Header[] {
  return headers.map(([name, value]) => [name, name.toLowerCase() === "date" ? "(now)" : value]);
}
