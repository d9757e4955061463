import { create, type DescMessage, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import { ConnectError, type HandlerContext } from "@connectrpc/connect";
import { spreadable } from "./call-context.ts";
import type { UnaryParts } from "./direct-method.ts";
import { emptyRequest } from "./empty-request.ts";
import { ENVELOPE_BYTES, enveloped, soleMessage } from "./envelope.ts";
import { errorAnswer } from "./error-answer.ts";
import { intercepted } from "./intercepted.ts";
import { ReceivedCall } from "./received-call.ts";
import { wireAnswer } from "./wire-answer.ts";

const NOTHING = new Uint8Array();

/**
 * A unary call on its way from its request to its answer, or its error. As soon as anything is out of the ordinary (a body
 * that is none, a message too large, an error that would be compressed) Connect's own handler goes on with it, and so nobody
 * can tell the difference.
 */
export abstract class UnaryCall extends ReceivedCall {
  #userContext: HandlerContext | undefined;
  /** What the gate has thrown. */
  #refusal: { readonly error: unknown } | undefined;

  /** Whether the transport takes such headers and trailers. */
  protected canSay(_header: Headers | undefined, _trailer: Headers | undefined): boolean {
    return true;
  }

  /** Whether all of the request has come, read or not, and it may be answered without being read. */
  protected abstract get isWhole(): boolean;

  /** Lets the call in, and reads it. */
  begin(): void {
    const { gate, parts } = this.direct;
    if (gate === undefined) {
      this.read();
      return;
    }
    const refuse = (error: unknown) => {
      this.#refusal = { error };
      this.calls.ready.add(this);
    };
    try {
      const admitted = gate(parts.isGateOwn ? this : this.#context);
      if (admitted === undefined) this.read();
      else Promise.resolve(admitted).then(() => this.isGone || this.read(), refuse);
    } catch (error) {
      refuse(error);
    }
  }

  /** Answers the request, whose body has come, or which is refused. */
  answer(): void {
    if (this.isGone) return;
    const refused = this.#refusal;
    if (refused !== undefined) {
      if (!this.isWhole || !this.#sendError(refused.error)) this.handOver({ refused });
      return;
    }
    const { body = NOTHING } = this;
    this.body = undefined;
    const request = this.#read(body);
    if (request === undefined) return;
    // A call may wait for minutes: it does not keep its request, nor what that is a part of.
    const kept = this.direct.parts.isOwn ? emptyRequest(this.form) : body;
    this.#call(request).then(
      (answer) => this.#answered(answer, kept),
      (error: unknown) => this.#failed(error, kept),
    );
  }

  protected override firstResponseHeader(): Headers {
    const headers = new Headers({ "content-type": this.form.contentType });
    // gRPC says at once what may be compressed; Connect only where something is.
    const encoding = this.form.isEnveloped ? this.compression?.name : undefined;
    if (encoding !== undefined) headers.set(this.form.encodingHeader, encoding);
    return headers;
  }

  /** The context that code sees which is not this package's own. */
  get #context(): HandlerContext {
    this.#userContext ??= spreadable(this);
    return this.#userContext;
  }

  /** The request; undefined where the call is answered already, since it cannot be read. */
  #read(body: Uint8Array): Message | undefined {
    const { codec, readMaxBytes } = this.direct;
    const bytes = this.form.isEnveloped ? soleMessage(body) : body;
    if (bytes === undefined || bytes.byteLength > readMaxBytes) {
      this.handOver({ body });
      return undefined;
    }
    let message: Message;
    try {
      message = this.form.isBinary ? codec.readBinary(bytes) : codec.readJson(bytes);
    } catch (error) {
      if (!this.#sendError(error)) this.handOver({ body });
      return undefined;
    }
    return this.form.isBinary ? message : this.#readFromJson(message, body);
  }

  #readFromJson(message: Message, body: Uint8Array): Message | undefined {
    const { parts, interceptors } = this.direct;
    try {
      // Interceptors come first.
      if (interceptors.length === 0) parts.readFromJson?.(message);
      return message;
    } catch {
      this.handOver({ body });
      return undefined;
    }
  }

  #call(request: Message): Promise<MessageInitShape<DescMessage>> {
    const { parts, interceptors } = this.direct;
    const given = parts.isOwn ? this : this.#context;
    if (interceptors.length > 0) {
      const context = { given, spreadable: this.#context };
      return intercepted(this.direct, request, context, this.form.isBinary);
    }
    const call = parts.bare?.implementation ?? parts.implementation;
    try {
      return Promise.resolve(call(request, given));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #answered(answer: MessageInitShape<DescMessage>, request: Uint8Array): void {
    if (this.isGone) return;
    const { method, interceptors } = this.direct;
    let message: Message;
    try {
      // What comes through interceptors has been made a message before.
      message = interceptors.length > 0 ? (answer as Message) : create(method.output, answer);
    } catch (error) {
      this.#failed(error, request);
      return;
    }
    const written = this.#write(message);
    if (written === undefined) this.#handOverAnswered(message, request);
    else this.#send(message, written, request);
  }

  #failed(thrown: unknown, body: Uint8Array): void {
    if (this.isGone) return;
    const { parts, interceptors } = this.direct;
    const error = interceptors.length > 0 ? thrown : errorOf(parts, thrown);
    if (!this.#sendError(error)) this.handOver({ body, outcome: { error } });
  }

  /** Answers an error. False where Connect is to do so. */
  #sendError(error: unknown): boolean {
    const { header, trailer } = this.touched;
    // What Connect makes of `throw undefined` differs by protocol.
    if (error === undefined || !this.canSay(header, trailer)) return false;
    // An error that came from elsewhere may be none in any part of it.
    try {
      if (error instanceof ConnectError && !this.canSay(error.metadata, error.metadata)) return false;
      const answer = errorAnswer(this.direct, this.form, this.touched, error, this.compression?.name);
      if (answer === undefined) return false;
      this.over(() => error);
      this.sendWatched(answer);
      return true;
    } catch {
      return false;
    }
  }

  /** The answer's bytes; undefined where Connect is to say why it cannot be written. */
  #write(message: Message): Buffer | undefined {
    const { parts, writeMaxBytes } = this.direct;
    const isKept = parts.isOwn && Object.isFrozen(message);
    try {
      const bytes = isKept
        ? this.calls.written.of(message, this.form.isBinary, () => this.#bytesOf(message))
        : this.#bytesOf(message);
      return bytes.byteLength - ENVELOPE_BYTES > writeMaxBytes ? undefined : bytes;
    } catch {
      return undefined;
    }
  }

  /** The message in its envelope, which other protocols leave out. */
  #bytesOf(message: Message): Buffer {
    const { codec } = this.direct;
    if (this.form.isBinary) return enveloped(codec.writeBinary(message));
    try {
      return enveloped(codec.writeJson(message));
    } catch (error) {
      const shown = this.#shown(message);
      if (shown === message) throw error;
      return enveloped(codec.writeJson(shown));
    }
  }

  #send(message: Message, envelope: Buffer, request: Uint8Array): void {
    const { header, trailer } = this.touched;
    // The trailers of gRPC-Web may be compressed too.
    const isWeb = this.form.protocol === "grpc-web" && this.compression !== undefined;
    if (!this.canSay(header, trailer) || isRefusal(trailer) || (isWeb && trailer !== undefined)) {
      this.#handOverAnswered(message, request);
      return;
    }
    const isSmall = envelope.byteLength - ENVELOPE_BYTES < this.direct.compressMinBytes;
    const compression = isSmall ? undefined : this.compression;
    this.over();
    if (compression === undefined) {
      this.#sendWritten(message, envelope, request);
      return;
    }
    compression.compress(envelope.subarray(ENVELOPE_BYTES)).then(
      (compressed) => this.#sendWritten(message, enveloped(compressed, true), request, compression.name),
      () => this.#handOverAnswered(message, request),
    );
  }

  #sendWritten(message: Message, envelope: Buffer, request: Uint8Array, encoding?: string): void {
    if (this.isGone) return;
    try {
      this.sendWatched(wireAnswer(this.form, this.touched, envelope, this.compression?.name, encoding));
    } catch {
      // Connect says what is wrong with a header that Node does not take.
      this.#handOverAnswered(message, request);
    }
  }

  #handOverAnswered(answer: Message, body: Uint8Array): void {
    try {
      this.handOver({ body, outcome: { message: this.form.isBinary ? answer : this.#shown(answer) } });
    } catch (error) {
      this.handOver({ body, outcome: { error } });
    }
  }

  /** A message as JSON can show it. Where there are interceptors, they have it so already. */
  #shown(message: Message): Message {
    const { parts, interceptors } = this.direct;
    return interceptors.length > 0 ? message : (parts.shownInJson?.(message) ?? message);
  }
}

/** What is thrown for what a bare implementation has thrown. */
function errorOf({ bare }: UnaryParts, thrown: unknown): unknown {
  if (bare === undefined) return thrown;
  try {
    return bare.errorOf(thrown);
  } catch (error) {
    return error;
  }
}

/** Whether an implementation has said by itself that its answer is none. */
function isRefusal(trailer: Headers | undefined): boolean {
  return (trailer?.get("grpc-status") ?? "0") !== "0";
}
