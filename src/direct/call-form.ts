/** A protocol that is spoken. */
export type Protocol = "grpc" | "grpc-web" | "connect";

/** How the messages of a call are written. */
export interface CallForm {
  readonly protocol: Protocol;
  readonly isBinary: boolean;
  /** What the answer says of itself. */
  readonly contentType: string;
  /** Whether each message comes in an envelope: a flag, and its length (gRPC's Length-Prefixed-Message). */
  readonly isEnveloped: boolean;
  /** Where the caller says how messages are compressed, and how they may be. */
  readonly encodingHeader: string;
  readonly acceptEncodingHeader: string;
  readonly timeoutHeader: string;
}

const OF_GRPC = {
  isEnveloped: true,
  encodingHeader: "grpc-encoding",
  acceptEncodingHeader: "grpc-accept-encoding",
  timeoutHeader: "grpc-timeout",
};

const OF_CONNECT = {
  protocol: "connect",
  isEnveloped: false,
  encodingHeader: "content-encoding",
  acceptEncodingHeader: "accept-encoding",
  timeoutHeader: "connect-timeout-ms",
} as const;

const GRPC: CallForm = {
  ...OF_GRPC,
  protocol: "grpc",
  isBinary: true,
  contentType: "application/grpc+proto",
};
const GRPC_JSON: CallForm = { ...GRPC, isBinary: false, contentType: "application/grpc+json" };
const WEB: CallForm = { ...GRPC, protocol: "grpc-web", contentType: "application/grpc-web+proto" };
const WEB_JSON: CallForm = { ...WEB, isBinary: false, contentType: "application/grpc-web+json" };
const CONNECT: CallForm = { ...OF_CONNECT, isBinary: true, contentType: "application/proto" };
const JSON_FORM: CallForm = { ...OF_CONNECT, isBinary: false, contentType: "application/json" };

/** The content types that clients send. Whatever else Connect may know, it reads itself. */
const FORMS: ReadonlyMap<string, CallForm> = new Map([
  ["application/grpc", GRPC],
  ["application/grpc+proto", GRPC],
  ["application/grpc+json", GRPC_JSON],
  ["application/grpc-web", WEB],
  ["application/grpc-web+proto", WEB],
  ["application/grpc-web+json", WEB_JSON],
  ["application/proto", CONNECT],
  ["application/json", JSON_FORM],
  ["application/json; charset=utf-8", JSON_FORM],
]);

/** The form of a unary call with such a content type; undefined for one that is out of the ordinary. */
export function formOf(contentType: string | undefined): CallForm | undefined {
  return contentType === undefined ? undefined : FORMS.get(contentType);
}
