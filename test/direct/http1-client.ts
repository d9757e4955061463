import type { Socket } from "node:net";
import { setTimeout as after } from "node:timers/promises";
import {
  type Answer,
  AUTHORITY,
  type Call,
  DAWDLE_MS,
  LAG_MS,
  PATIENCE_MS,
  type Step,
  type Written,
} from "./call.ts";
import { answersIn } from "./http1-answers.ts";
import { turns } from "./journal.ts";
import { connectTo, type Place } from "./place.ts";

/** What shows whether a connection still takes requests. */
const NEXT = `GET /next HTTP/1.1\r\nHost: ${AUTHORITY}\r\nConnection: close\r\n\r\n`;

/** Writes a call as HTTP/1.1 has it: with its length unless it is told otherwise, or in chunks. */
export function written({ method, path, headers, steps }: Call): Written {
  const names = headers.map(([name]) => name.toLowerCase());
  const isChunked = names.includes("transfer-encoding");
  const bodies = steps.filter((step) => typeof step !== "string");
  const length = bodies.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...(names.includes("host") ? [] : [`Host: ${AUTHORITY}`]),
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(isChunked || names.includes("content-length") || (method === "GET" && length === 0)
      ? []
      : [`Content-Length: ${length}`]),
  ];
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  const framed = isChunked ? steps.map(chunked) : steps;
  return { http: "as written", steps: [head, ...framed], methods: [method] };
}

function chunked(step: Step): Step {
  if (step === "end") return Buffer.from("0\r\n\r\n");
  if (typeof step === "string" || step.byteLength === 0) return step;
  return Buffer.concat([Buffer.from(`${step.byteLength.toString(16)}\r\n`), step, Buffer.from("\r\n")]);
}

/** Sends what is written, and reads the answers; and, as the last, whether the connection takes another request. */
export async function sendHttp1(
  place: Place,
  { steps, methods }: Written,
  noted: () => Promise<void>,
): Promise<Answer[]> {
  const socket = connectTo(place, "http/1.1");
  const reader = new Reader(socket);
  try {
    for (const step of steps) {
      if (reader.isOver) break;
      await take(step, socket, noted, () => reader.answers(methods));
    }
    // Who has destroyed its connection hears nothing.
    if (socket.destroyed && !reader.isOver) return [];
    const answers = await reader.answers(methods);
    if (answers.length < methods.length) return [...answers, none(reader.isOver ? "closed" : "nothing")];
    const next = await nextAnswer(socket, reader, methods);
    return [...answers, next];
  } finally {
    socket.destroy();
  }
}

async function take(
  step: Step,
  socket: Socket,
  noted: () => Promise<void>,
  answered: () => Promise<unknown>,
): Promise<void> {
  if (typeof step !== "string") {
    socket.write(step);
  } else if (step === "pause") {
    await turns(4);
  } else if (step === "lag") {
    await after(LAG_MS);
  } else if (step === "dawdle") {
    await after(DAWDLE_MS);
  } else if (step === "noted") {
    await Promise.race([noted(), answered()]);
  } else if (step === "answered") {
    await answered();
  } else if (step === "half-close") {
    // What can be answered already is.
    await turns(10);
    socket.end();
  } else if (step === "destroy") {
    await new Promise<void>((resolve) => {
      if (socket.writableLength === 0 && !socket.connecting) resolve();
      else socket.write("", () => resolve());
    });
    await turns(4);
    socket.destroy();
  }
}

async function nextAnswer(socket: Socket, reader: Reader, methods: readonly string[]): Promise<Answer> {
  await turns(2);
  if (reader.isOver || socket.writableEnded) return none("closed");
  socket.write(NEXT);
  const next = (await reader.answers([...methods, "GET"]))[methods.length];
  return next ?? none(reader.isOver ? "closed" : "nothing");
}

function none(end: string): Answer {
  return { interim: [], status: undefined, headers: [], body: "", trailers: [], end };
}

/** Collects what comes in. */
class Reader {
  readonly #chunks: Buffer[] = [];
  #changed = Promise.withResolvers<void>();
  isOver = false;

  constructor(socket: Socket) {
    const change = () => {
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    };
    const over = () => {
      this.isOver = true;
      change();
    };
    socket.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      change();
    });
    socket.on("end", over).on("close", over).on("error", over);
  }

  /** Resolves with the answers to requests of these methods, when they are there or nothing more comes. */
  async answers(methods: readonly string[]): Promise<Answer[]> {
    const patience = new AbortController();
    const lost = after(PATIENCE_MS, "lost", { signal: patience.signal }).catch(() => "lost");
    try {
      while (true) {
        const changed = this.#changed.promise;
        const answers = answersIn(Buffer.concat(this.#chunks), methods, this.isOver);
        if (answers.length === methods.length || this.isOver) return answers;
        if ((await Promise.race([changed, lost])) === "lost") return answers;
      }
    } finally {
      patience.abort();
    }
  }
}
