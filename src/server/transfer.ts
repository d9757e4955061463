import type { IncomingMessage, ServerResponse } from "node:http";
import { constants, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { UniversalServerResponse } from "@connectrpc/connect/protocol";
import type { Progress } from "../direct/handed-over.ts";
import type { UntakenAnswer } from "../direct/untaken-answer.ts";
import { connectionOf } from "../http2/node-session.ts";
import type { Turns } from "../service/turns.ts";
import type { Clock } from "../time/clock.ts";
import type { HeldBytes, Holding } from "./held-bytes.ts";

/** What holds for the transfer of every call's bytes. */
export interface TransferLimits {
  /** How long a request may take to come, and each piece of an answer to be taken, in milliseconds. */
  readonly timeoutMs: number;
  /** The most that one message can be, in bytes: of a stream of messages no more is held at once. */
  readonly messageBytes: number;
  readonly held: HeldBytes;
  readonly clock: Clock;
  /** Those of all large bodies. */
  readonly turns: Pick<Turns, "next">;
}

/**
 * So much of a body is read as it comes; of what comes after, one piece at a time for all calls. Where hundreds of bodies
 * come as fast as they are taken, each round of the event loop would read, and clear away, a piece of each.
 */
const AT_ONCE_BYTES = 64 * 1024;

/** The way of one call's bytes: from a client that may send slowly, and to one that may not read. */
export class Transfer {
  readonly #request: IncomingMessage | Http2ServerRequest;
  readonly #response: ServerResponse | Http2ServerResponse;
  readonly #limits: TransferLimits;
  readonly #holding: Holding;
  #ofRequest = 0;
  /** A client may have left long before its answer is there. */
  #isOver = false;
  #callOff = () => {};

  constructor(
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
    limits: TransferLimits,
  ) {
    this.#request = request;
    this.#response = response;
    this.#limits = limits;
    this.#holding = limits.held.open(
      "stream" in request ? (connectionOf(request.stream.session) ?? request.stream.session) : request.socket,
    );
    ("stream" in response ? response.stream : response).once("close", () => {
      this.#isOver = true;
      this.#callOff();
      this.#holding.release();
    });
  }

  /** A body that has come already. */
  async *known(body: Uint8Array): AsyncIterable<Uint8Array> {
    this.#hold(0, body.byteLength);
    if (body.byteLength > 0) yield body;
  }

  /**
   * The body of the request. `streams`: it is of any number of messages, and may take any time. `begun`: what of it was
   * read already.
   */
  async *received(streams: boolean, begun?: Progress["begun"]): AsyncIterable<Uint8Array> {
    const { begin = [], rest = this.#request } = begun ?? {};
    const { messageBytes } = this.#limits;
    if (!streams) this.#endLater();
    let received = 0;
    // Connect's own iterable destroys a request that it gives up reading, and with it the connection of HTTP/1.
    for await (const chunk of inTurn(begin, rest.iterator({ destroyOnReturn: false }))) {
      received += chunk.byteLength;
      this.#hold(0, streams ? Math.min(received, messageBytes) : received);
      if (received > AT_ONCE_BYTES) await this.#limits.turns.next();
      yield chunk;
    }
    this.#callOff();
  }

  /** The answer, as it is to be sent. */
  sent(answer: UniversalServerResponse): UniversalServerResponse {
    const { body } = answer;
    return body === undefined ? answer : { ...answer, body: this.#counted(body) };
  }

  async *#counted(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for await (const chunk of body) {
      this.#hold(chunk.byteLength);
      this.#endLater();
      yield chunk;
      // Whoever asks for more has sent this.
      this.#callOff();
    }
    this.#endLater();
  }

  /** What is held of the answer until it is sent, and of the request until its call is over. */
  #hold(ofAnswer: number, ofRequest = this.#ofRequest): void {
    this.#ofRequest = ofRequest;
    if (!this.#isOver) this.#holding.set(ofRequest + ofAnswer);
  }

  #endLater(): void {
    const { clock, timeoutMs } = this.#limits;
    this.#callOff();
    if (!this.#isOver) this.#callOff = clock.after(timeoutMs, () => this.#end(), true);
  }

  #end(): void {
    // With any other code Node waits until the answer is taken.
    if ("stream" in this.#request) this.#request.stream.close(constants.NGHTTP2_CANCEL);
    else if (this.#response.socket !== null) this.#request.socket.destroy();
    // The answers before it on its connection come first.
    else this.#endLater();
  }
}

async function* inTurn(
  begin: readonly Uint8Array[],
  rest: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  yield* begin;
  yield* rest;
}

/** Counts an answer of a direct call that its client does not take, and ends the call where it takes too long. */
export function watchUntaken(answer: UntakenAnswer, { held, clock, timeoutMs }: TransferLimits): void {
  const holding = held.open(answer.connection);
  let callOff: () => void;
  const endLater = () => {
    callOff = clock.after(timeoutMs, () => (answer.isItsTurn ? answer.end() : endLater()), true);
  };
  endLater();
  answer.onClosed(() => {
    callOff();
    holding.release();
  });
  holding.set(answer.bytes);
}
