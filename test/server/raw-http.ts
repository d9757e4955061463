import type { Duplex } from "node:stream";
import { RUNNING } from "./open-server.ts";

/** A request as it goes over the wire. */
export interface RawRequest {
  readonly method?: string;
  readonly target?: string;
  readonly version?: string;
  /** The header lines; a Host, and that JSON is sent, by default. */
  readonly headers?: readonly string[];
  readonly body?: string;
  /** The Content-Length; by default that of the body. */
  readonly length?: number | string;
}

export const GET_OPERATION = "/google.longrunning.Operations/GetOperation";
export const WAIT_OPERATION = "/google.longrunning.Operations/WaitOperation";
/** The method that takes messages of any size. */
export const SIMULATE_WORK = "/longrunning.testing.v1.SimulatorService/SimulateWork";

export const HOST = "Host: 127.0.0.1";
export const JSON_BODY = "Content-Type: application/json";

/** Writes a request of HTTP/1; GetOperation of the operation that runs, in JSON, unless told otherwise. */
export function rawRequest(request: RawRequest = {}): string {
  const body = request.body ?? JSON.stringify({ name: RUNNING });
  const lines = [
    `${request.method ?? "POST"} ${request.target ?? GET_OPERATION} ${request.version ?? "HTTP/1.1"}`,
    ...(request.headers ?? [HOST, JSON_BODY]),
    `Content-Length: ${request.length ?? Buffer.byteLength(body)}`,
  ];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

/** What the other end sends, as text, as it comes in. */
export class Received {
  readonly #socket: Duplex;
  #text = "";

  constructor(socket: Duplex) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#text += chunk.toString("latin1");
    });
  }

  get text(): string {
    return this.#text;
  }

  /** Resolves when the pattern has come in so many times. Rejects where the connection ends before. */
  async until(pattern: RegExp, times = 1): Promise<string> {
    const every = new RegExp(pattern, "g");
    while ([...this.#text.matchAll(every)].length < times) {
      if (this.#socket.readableEnded || this.#socket.destroyed) {
        throw new Error(`the connection ended before ${pattern}, after ${JSON.stringify(this.#text)}`);
      }
      await arrival(this.#socket);
    }
    return this.#text;
  }

  /** Resolves with everything when the connection is over. */
  async all(): Promise<string> {
    await closed(this.#socket);
    return this.#text;
  }
}

/** Resolves when the connection is over. */
export async function closed(socket: Duplex): Promise<void> {
  if (!socket.closed) await new Promise<void>((resolve) => socket.once("close", () => resolve()));
}

/** Resolves when more has come in, or nothing more will. */
async function arrival(socket: Duplex): Promise<void> {
  await new Promise<void>((resolve) => {
    const arrived = () => {
      socket.off("data", arrived).off("end", arrived).off("close", arrived);
      resolve();
    };
    socket.on("data", arrived).on("end", arrived).on("close", arrived);
  });
}

/** The status codes of the answers in a text of HTTP/1. */
export function statusesIn(text: string): number[] {
  return Array.from(text.matchAll(/HTTP\/1\.[01] (\d{3})/g), ([, code]) => Number(code));
}
