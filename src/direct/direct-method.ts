import type { DescMessage, DescMethodUnary, Message, MessageInitShape } from "@bufbuild/protobuf";
import type { ConnectRouterOptions, HandlerContext, Interceptor } from "@connectrpc/connect";
import type { Compression } from "@connectrpc/connect/protocol";
import type { CallForm, Protocol } from "./call-form.ts";
import { Codec } from "./codec.ts";
import type { ErrorCompletion } from "./error-completion.ts";
import type { Gate } from "./handed-over.ts";

/** A unary implementation, whatever its types. */
export type UnaryImplementation = (
  request: Message,
  context: HandlerContext,
) => Promise<MessageInitShape<DescMessage>> | MessageInitShape<DescMessage>;

/** What is done for a unary method, in its parts. */
export interface UnaryParts {
  readonly implementation: UnaryImplementation;
  /**
   * The same in two steps, for calls without interceptors: a function around an implementation costs every call that
   * waits some hundred bytes.
   */
  readonly bare?:
    | { readonly implementation: UnaryImplementation; readonly errorOf: (error: unknown) => unknown }
    | undefined;
  /** Changes a message that was read from JSON, in place. Nothing by default. */
  readonly readFromJson?: ((message: Message) => void) | undefined;
  /** The form of a message that JSON can show. The message itself by default. */
  readonly shownInJson?: ((message: Message) => Message) | undefined;
  /** What is added to errors. Nothing by default. */
  readonly completion?: ErrorCompletion | undefined;
  /** Whether nobody spreads the context that the gate gets, as in this package's own gates. */
  readonly isGateOwn?: boolean | undefined;
  /**
   * Whether nobody changes a frozen answer, and nobody spreads the context (`{ ...context }`), as in this package's own
   * services. Then the bytes of a frozen answer are written once, and what a context holds is made when it is asked for.
   */
  readonly isOwn?: boolean | undefined;
}

/** Connect's own defaults. */
const MOST_BYTES = 0xffffffff;
const COMPRESS_MIN_BYTES = 1_024;

/** Callers may say what they accept in any number of ways. */
const MOST_CHOICES = 64;

const NONE = "none";

/** A unary method that is answered without Connect's pipeline, with what Connect's options say of it. */
export class DirectMethod {
  readonly method: DescMethodUnary;
  readonly parts: UnaryParts;
  readonly gate: Gate | undefined;
  readonly interceptors: readonly Interceptor[];
  readonly compressMinBytes: number;
  readonly readMaxBytes: number;
  readonly writeMaxBytes: number;
  readonly maxTimeoutMs: number;
  readonly shutdownSignal: AbortSignal | undefined;
  readonly codec: Codec;
  readonly #compressions: readonly Compression[];
  readonly #spoken: Readonly<Record<Protocol, boolean>>;
  readonly #chosen = new Map<string, Compression | typeof NONE>();

  constructor(method: DescMethodUnary, parts: UnaryParts, options: ConnectRouterOptions) {
    this.method = method;
    this.parts = parts;
    this.gate = options.requestGate;
    this.interceptors = options.interceptors ?? [];
    this.compressMinBytes = options.compressMinBytes ?? COMPRESS_MIN_BYTES;
    this.readMaxBytes = options.readMaxBytes ?? MOST_BYTES;
    this.writeMaxBytes = options.writeMaxBytes ?? MOST_BYTES;
    this.maxTimeoutMs = options.maxTimeoutMs ?? Number.MAX_SAFE_INTEGER;
    this.shutdownSignal = options.shutdownSignal;
    this.codec = new Codec(method, options);
    this.#compressions = options.acceptCompression ?? [];
    this.#spoken = {
      grpc: options.grpc !== false,
      "grpc-web": options.grpcWeb !== false,
      // Whether a header is there that must be there is for Connect to say.
      connect: options.connect !== false && options.requireConnectProtocolHeader !== true,
    };
  }

  /** Whether calls of such a form are answered here. */
  speaks({ protocol }: CallForm): boolean {
    return this.#spoken[protocol];
  }

  /** What an answer is compressed with for a caller who accepts such encodings; undefined: nothing. */
  compressionFor(accepted: string | undefined): Compression | undefined {
    if (accepted === undefined || accepted === "") return undefined;
    const known = this.#chosen.get(accepted);
    if (known !== undefined) return known === NONE ? undefined : known;
    const available = (name: string) => this.#compressions.find((compression) => compression.name === name);
    const chosen = accepted
      .split(",")
      .map((name) => available(name.trim()))
      .find((compression) => compression !== undefined);
    if (this.#chosen.size < MOST_CHOICES) this.#chosen.set(accepted, chosen ?? NONE);
    return chosen;
  }
}
