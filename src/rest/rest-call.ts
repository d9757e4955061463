import { type DescMethod, fromBinary, type JsonValue, type Message, toBinary } from "@bufbuild/protobuf";
import type { ConnectError } from "@connectrpc/connect";
import type {
  UniversalHandler,
  UniversalServerRequest,
  UniversalServerResponse,
} from "@connectrpc/connect/protocol";
import { answerJson, type CompressionOptions } from "./answer.ts";
import type { Binding } from "./binding.ts";
import { type ConnectCall, callStream, callUnary } from "./connect-call.ts";
import { timeoutMsOf } from "./deadline-header.ts";
import { errorJson } from "./error-json.ts";
import { errorOfRefusal } from "./errors.ts";
import type { JsonSettings } from "./json-options.ts";
import { pathValues } from "./path-values.ts";
import { parseQuery } from "./query.ts";
import { type BodyLimits, readBody } from "./read-body.ts";
import { answerNotSendable, invalidBody, Refusal } from "./refusal.ts";
import { fieldsOfPath, fieldsOfQuery, isRequestField } from "./request-fields.ts";
import { requestMessage } from "./request-message.ts";
import { responseJson } from "./response-json.ts";
import { sayRetryAfter } from "./retry-after.ts";
import { httpStatusOf } from "./status-code.ts";
import { answerStream } from "./stream-answer.ts";
import { type AnswerForm, PLAIN_FORM, takeSystemParameters } from "./system-parameters.ts";

/** What is the same for every call. */
export interface CallSettings extends Omit<BodyLimits, "readMaxBytes">, CompressionOptions {
  /** The largest body of a method, in bytes, also after decompression. */
  mostBytesOf(method: DescMethod): number;
  readonly json: JsonSettings;
  /** The ErrorInfo domain of what REST refuses (AIP-193). */
  readonly errorDomain: string;
  /** Headers for an answer, beside those that the method has set. */
  responseHeaders(method: DescMethod, response: Message): Readonly<Record<string, string>> | undefined;
  /** Hears of an answer that could not be sent. */
  onError(message: string, cause: unknown): void;
}

/** What a request was found to be. */
export interface Found {
  readonly binding: Binding;
  readonly handler: UniversalHandler;
  /** The path between its slashes, not decoded, and without the verb. */
  readonly segments: readonly string[];
  readonly query: string;
}

/** One call by REST: read when its handler reads it, and answered as AIP-127 and AIP-193 have it. */
export class RestCall {
  readonly #found: Found;
  readonly #request: UniversalServerRequest;
  readonly #settings: CallSettings;
  #form: AnswerForm = PLAIN_FORM;
  /** Why the request was not handed on. */
  #refusal: Refusal | undefined;

  constructor(found: Found, request: UniversalServerRequest, settings: CallSettings) {
    this.#found = found;
    this.#request = request;
    this.#settings = settings;
  }

  /** Calls the method and answers what it answers. */
  async answer(): Promise<UniversalServerResponse> {
    let timeoutMs: number | undefined;
    let unreadable: unknown;
    try {
      timeoutMs = timeoutMsOf(this.#request.header);
    } catch (cause) {
      // Told when the handler reads the message: who may call at all, its gate says first (AIP-211).
      unreadable = cause;
    }
    const message = () => this.#read(unreadable);
    const call: ConnectCall = { request: this.#request, timeoutMs, message };
    const streams = this.#found.binding.method.methodKind === "server_streaming";
    return streams ? this.#answerStream(call) : this.#answerUnary(call);
  }

  async #answerUnary(call: ConnectCall): Promise<UniversalServerResponse> {
    const outcome = await callUnary(this.#found.handler, call);
    if (outcome.kind === "error") return this.#answerError(outcome.error, outcome.header);
    const { method } = this.#found.binding;
    const { header } = outcome;
    let json: JsonValue;
    try {
      const response = fromBinary(method.output, outcome.bytes);
      json = this.#json(response);
      for (const [name, value] of Object.entries(this.#settings.responseHeaders(method, response) ?? {})) {
        header.set(name, value);
      }
    } catch (cause) {
      return this.#answerError(this.#notSendable(cause), header);
    }
    return answerJson(
      this.#request,
      { status: 200, header, json, pretty: this.#form.pretty },
      this.#settings,
    );
  }

  async #answerStream(call: ConnectCall): Promise<UniversalServerResponse> {
    return answerStream(this.#request, await callStream(this.#found.handler, call), {
      events: () => this.#form.events,
      json: (bytes) => this.#json(fromBinary(this.#found.binding.method.output, bytes)),
      errorJson: (error) => this.#errorJson(error),
      notSendable: (cause) => this.#notSendable(cause),
      answerError: (error, header) => this.#answerError(error, header),
    });
  }

  /** The message of the request, in binary. Throws a ConnectError where REST refuses it. */
  async #read(unreadable: unknown): Promise<Uint8Array> {
    const { binding, segments, query } = this.#found;
    const { json } = this.#settings;
    try {
      if (unreadable !== undefined) throw unreadable;
      const ofPath = fieldsOfPath(pathValues(binding, segments));
      const parameters = takeSystemParameters(parseQuery(query), (name) => isRequestField(binding, name));
      this.#form = parameters.form;
      const ofQuery = fieldsOfQuery(binding, parameters.fields, ofPath);
      const readMaxBytes = this.#settings.mostBytesOf(binding.method);
      const body = await readBody(this.#request, { ...this.#settings, readMaxBytes });
      return encoded(binding.method, requestMessage(binding, ofPath, ofQuery, body, json));
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause;
      this.#refusal = cause;
      throw errorOfRefusal(cause, this.#settings.errorDomain);
    }
  }

  #json(response: Message): JsonValue {
    return responseJson(this.#found.binding, response, this.#form, this.#settings.json);
  }

  #answerError(error: ConnectError, header: Headers): Promise<UniversalServerResponse> {
    sayRetryAfter(error, header);
    return answerJson(
      this.#request,
      { status: this.#httpStatus(error), header, json: this.#errorJson(error), pretty: this.#form.pretty },
      this.#settings,
    );
  }

  #errorJson(error: ConnectError): JsonValue {
    return errorJson(error, this.#httpStatus(error), this.#settings.json);
  }

  #httpStatus({ code }: ConnectError): number {
    const { httpStatus } =
      this.#refusal?.parts.code === code ? this.#refusal.parts : { httpStatus: undefined };
    return httpStatus ?? httpStatusOf(code);
  }

  /** The error in place of an answer that JSON cannot hold, such as one with an Any of an unknown type. */
  #notSendable(cause: unknown): ConnectError {
    const { method } = this.#found.binding;
    this.#settings.onError(
      `the answer of ${method.parent.typeName}/${method.name} is not sent as JSON`,
      cause,
    );
    return errorOfRefusal(answerNotSendable(), this.#settings.errorDomain);
  }
}

function encoded({ input }: DescMethod, message: Message): Uint8Array {
  try {
    return toBinary(input, message);
  } catch (cause) {
    // A required field of proto2 is not there.
    throw invalidBody(cause instanceof Error ? cause.message : String(cause));
  }
}
