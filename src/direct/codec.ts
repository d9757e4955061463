import {
  type DescMessage,
  type DescMethodUnary,
  fromBinary,
  fromJsonString,
  type Message,
  toBinary,
  toJsonString,
} from "@bufbuild/protobuf";
import type { ConnectRouterOptions } from "@connectrpc/connect";
import { unreadableBinary, unreadableJson } from "./errors.ts";

/**
 * Reads the requests of a method and writes its answers, as Connect's options say. Throws what Connect throws of what cannot
 * be read, and what protobuf-es throws of what cannot be written.
 */
export class Codec {
  readonly #input: DescMessage;
  readonly #output: DescMessage;
  readonly #binary: ConnectRouterOptions["binaryOptions"];
  readonly jsonOptions: ConnectRouterOptions["jsonOptions"];
  readonly #json: NonNullable<ConnectRouterOptions["jsonOptions"]>;
  readonly #text: { decode(bytes: Uint8Array): string };

  constructor(method: DescMethodUnary, options: ConnectRouterOptions) {
    this.#input = method.input;
    this.#output = method.output;
    this.#binary = options.binaryOptions;
    this.jsonOptions = options.jsonOptions;
    this.#json = {
      ...options.jsonOptions,
      ignoreUnknownFields: options.jsonOptions?.ignoreUnknownFields ?? true,
    };
    this.#text = textDecoderOf(options.jsonOptions) ?? new TextDecoder();
  }

  readBinary(bytes: Uint8Array): Message {
    try {
      return fromBinary(this.#input, bytes, this.#binary);
    } catch (error) {
      throw unreadableBinary(error);
    }
  }

  readJson(bytes: Uint8Array): Message {
    try {
      return fromJsonString(this.#input, this.#text.decode(bytes), this.#json);
    } catch (error) {
      throw unreadableJson(error);
    }
  }

  writeBinary(message: Message): Uint8Array {
    return toBinary(this.#output, message, this.#binary);
  }

  writeJson(message: Message): Buffer {
    return Buffer.from(toJsonString(this.#output, message, this.#json));
  }
}

/** Connect takes one among its JSON options, and does not say so in their type. */
function textDecoderOf(options: object | undefined): { decode(bytes: Uint8Array): string } | undefined {
  const decoder: unknown = options && Reflect.get(options, "textDecoder");
  return decoder as { decode(bytes: Uint8Array): string } | undefined;
}
