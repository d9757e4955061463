import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Ended } from "./grpc-connection.ts";

const HEAD_END = "\r\n\r\n";
const LAST_CHUNK = "0\r\n\r\n";

/**
 * A client of one unary method by Connect's JSON over one HTTP/1.1 connection, with one call at a time. An answer with
 * status 200 is a good one.
 */
export class JsonConnection {
  readonly #socket: Socket;
  readonly #path: string;
  #ended: Ended | undefined;
  #read = "";

  private constructor(socket: Socket, path: string) {
    this.#socket = socket;
    this.#path = path;
    socket.setNoDelay(true);
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => this.#take(text));
    socket.on("close", () => this.#ended?.(undefined));
    socket.on("error", () => {});
  }

  /** Connects for the calls of one method: `/google.longrunning.Operations/GetOperation`. */
  static async open(port: number, path: string): Promise<JsonConnection> {
    const socket = connect({ host: "127.0.0.1", port });
    await once(socket, "connect");
    return new JsonConnection(socket, path);
  }

  /** Calls with a body. The call before must have ended. */
  call(body: string, ended: Ended): void {
    this.#ended = ended;
    const head = [
      `POST ${this.#path} HTTP/1.1`,
      "Host: 127.0.0.1",
      "User-Agent: bench/1",
      "Accept: */*",
      "Content-Type: application/json",
      `Content-Length: ${body.length}`,
    ];
    this.#socket.write(`${head.join("\r\n")}${HEAD_END}${body}`, "latin1");
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(text: string): void {
    this.#read += text;
    const bodyAt = this.#read.indexOf(HEAD_END) + HEAD_END.length;
    if (bodyAt < HEAD_END.length) return;
    const head = this.#read.slice(0, bodyAt);
    const [, length] = /\r\ncontent-length: (\d+)/i.exec(head) ?? [];
    const isWhole =
      length === undefined ? this.#read.endsWith(LAST_CHUNK) : this.#read.length >= bodyAt + Number(length);
    if (!isWhole) return;
    const body = this.#read.slice(bodyAt);
    this.#read = "";
    this.#ended?.(head.startsWith("HTTP/1.1 200 ") ? Buffer.from(body, "latin1") : undefined);
  }
}
