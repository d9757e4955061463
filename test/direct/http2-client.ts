import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2";
import { setTimeout as after } from "node:timers/promises";
import {
  type Answer,
  AUTHORITY,
  type Call,
  DAWDLE_MS,
  type Header,
  LAG_MS,
  PATIENCE_MS,
  type Step,
  withoutDate,
} from "./call.ts";
import { turns } from "./journal.ts";
import { connectTo, type Place } from "./place.ts";
import { shownBody } from "./shown-body.ts";

/** Sends calls on one connection, all at once, and reads the answers. */
export async function sendHttp2(
  place: Place,
  calls: readonly Call[],
  noted: () => Promise<void>,
): Promise<Answer[]> {
  const session = connect("http://127.0.0.1", { createConnection: () => connectTo(place, "h2") });
  session.on("error", () => {});
  // Each call listens for GOAWAY.
  session.setMaxListeners(0);
  try {
    return await Promise.all(calls.map((call) => send(session, call, noted)));
  } finally {
    session.destroy();
  }
}

async function send(session: ClientHttp2Session, call: Call, noted: () => Promise<void>): Promise<Answer> {
  const stream = session.request(fieldsOf(call), { endStream: false });
  const reader = new StreamReader(session, stream);
  for (const step of call.steps) {
    if (stream.closed || stream.destroyed) break;
    await take(step, stream, noted, reader);
  }
  await reader.answered();
  return reader.answer();
}

function fieldsOf({ method, path, headers }: Call): OutgoingHttpHeaders {
  const fields: OutgoingHttpHeaders = { ":method": method, ":path": path, ":authority": AUTHORITY };
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    const before = fields[key];
    fields[key] = before === undefined ? value : [before, value].flat().map(String);
  }
  return fields;
}

async function take(
  step: Step,
  stream: ClientHttp2Stream,
  noted: () => Promise<void>,
  reader: StreamReader,
): Promise<void> {
  if (typeof step !== "string") {
    stream.write(step);
    while (stream.writableLength > 0 && !stream.destroyed) await turns(1);
  } else if (step === "end") {
    stream.end();
  } else if (step === "pause") {
    await turns(4);
  } else if (step === "lag") {
    await after(LAG_MS);
  } else if (step === "dawdle") {
    await after(DAWDLE_MS);
  } else if (step === "noted") {
    await Promise.race([noted(), reader.answered()]);
  } else if (step === "answered") {
    await reader.answered();
  } else if (step === "destroy") {
    await turns(4);
    stream.session?.socket.destroy();
  } else if (step.startsWith("reset ")) {
    await turns(4);
    stream.close(Number(step.slice("reset ".length)));
  } else {
    throw new Error(`HTTP/2 has no "${step}"`);
  }
}

/** Collects what a stream is answered. */
class StreamReader {
  readonly #session: ClientHttp2Session;
  readonly #stream: ClientHttp2Stream;
  readonly #interim: number[] = [];
  readonly #chunks: Buffer[] = [];
  readonly #over = Promise.withResolvers<void>();
  #headers: Header[] = [];
  #trailers: Header[] = [];
  #status: number | undefined;
  #hasEnded = false;
  #goAway: number | undefined;

  constructor(session: ClientHttp2Session, stream: ClientHttp2Stream) {
    this.#session = session;
    this.#stream = stream;
    session.on("goaway", (code) => {
      this.#goAway = code;
    });
    stream.on("headers", (headers) => this.#interim.push(Number(headers[":status"])));
    stream.on("response", (headers) => {
      this.#status = headers[":status"];
      this.#headers = withoutDate(linesOf(headers));
    });
    stream.on("trailers", (headers) => {
      this.#trailers = linesOf(headers);
    });
    stream.on("data", (chunk: Buffer) => this.#chunks.push(chunk));
    stream.on("end", () => {
      this.#hasEnded = true;
      // Whether the server resets what it has answered is to be seen.
      void turns(4).then(() => this.#over.resolve());
    });
    stream.on("close", () => this.#over.resolve());
    stream.on("error", () => {});
  }

  /** Resolves when the answer is there, or none will come. */
  async answered(): Promise<void> {
    const patience = new AbortController();
    const lost = after(PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => {});
    await Promise.race([this.#over.promise, lost]);
    patience.abort();
  }

  answer(): Answer {
    const { rstCode = 0 } = this.#stream;
    const goAway =
      this.#goAway === undefined ? "" : `, and its connection was told to go away by ${this.#goAway}`;
    const destroyed = this.#session.destroyed ? ", and its connection is gone" : "";
    return {
      interim: this.#interim,
      status: this.#status,
      headers: this.#headers,
      body: shownBody(Buffer.concat(this.#chunks)),
      trailers: this.#trailers,
      end: this.#end(rstCode) + goAway + destroyed,
    };
  }

  #end(rstCode: number): string {
    if (rstCode !== 0) return `reset ${rstCode}`;
    if (this.#hasEnded) return "complete";
    return this.#stream.closed ? "closed" : "nothing";
  }
}

function linesOf(headers: IncomingHttpHeaders): Header[] {
  return Object.entries(headers).map(([name, value]) => [name, String(value)]);
}
