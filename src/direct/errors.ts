import { constants } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";

/** The codes of HTTP/2 that mean something to an RPC, as gRPC maps them. STREAM_CLOSED is left out there on purpose. */
const CODE_OF_RESET: ReadonlyMap<number, readonly [name: string, code: Code]> = new Map([
  [constants.NGHTTP2_PROTOCOL_ERROR, ["PROTOCOL_ERROR", Code.Internal]],
  [constants.NGHTTP2_INTERNAL_ERROR, ["INTERNAL_ERROR", Code.Internal]],
  [constants.NGHTTP2_FLOW_CONTROL_ERROR, ["FLOW_CONTROL_ERROR", Code.Internal]],
  [constants.NGHTTP2_SETTINGS_TIMEOUT, ["SETTINGS_TIMEOUT", Code.Internal]],
  [constants.NGHTTP2_FRAME_SIZE_ERROR, ["FRAME_SIZE_ERROR", Code.Internal]],
  [constants.NGHTTP2_REFUSED_STREAM, ["REFUSED_STREAM", Code.Unavailable]],
  [constants.NGHTTP2_CANCEL, ["CANCEL", Code.Canceled]],
  [constants.NGHTTP2_COMPRESSION_ERROR, ["COMPRESSION_ERROR", Code.Internal]],
  [constants.NGHTTP2_CONNECT_ERROR, ["CONNECT_ERROR", Code.Internal]],
  [constants.NGHTTP2_ENHANCE_YOUR_CALM, ["ENHANCE_YOUR_CALM", Code.ResourceExhausted]],
  [constants.NGHTTP2_INADEQUATE_SECURITY, ["INADEQUATE_SECURITY", Code.PermissionDenied]],
  [constants.NGHTTP2_HTTP_1_1_REQUIRED, ["HTTP_1_1_REQUIRED", Code.PermissionDenied]],
]);

/** Why a stream of HTTP/2 was ended; undefined where it ended well, or for no reason that a handler needs. */
export function streamEnded(resetCode: number | undefined): ConnectError | undefined {
  const [name, code] = CODE_OF_RESET.get(resetCode ?? 0) ?? [];
  if (name === undefined) return undefined;
  const shown = `${name} (0x${(resetCode ?? 0).toString(16)})`;
  return new ConnectError(`http/2 stream closed with error code ${shown}`, code);
}

/** Why a request of HTTP/1.1 was ended: its client has gone, in nearly every case. */
export function requestEnded(reason: Error): ConnectError {
  const isGone = "code" in reason && GONE.includes(String(reason.code));
  const error = ConnectError.from(reason, isGone ? Code.Aborted : Code.Internal);
  error.cause = reason;
  return error;
}

const GONE = ["ECONNRESET", "ERR_STREAM_DESTROYED", "ERR_STREAM_WRITE_AFTER_END"];

/** The caller's deadline has passed. */
export function deadlinePassed(): ConnectError {
  return new ConnectError("the operation timed out", Code.DeadlineExceeded);
}

/** What was thrown, as Connect tells a client of it: nothing, unless it was meant for clients. */
export function sentError(thrown: unknown): ConnectError {
  if (thrown instanceof ConnectError) return thrown;
  return new ConnectError("internal error", Code.Internal, undefined, undefined, thrown);
}

/** A request in binary cannot be read. */
export function unreadableBinary(error: unknown): ConnectError {
  const why = error instanceof Error ? error.message : String(error);
  return new ConnectError(`parse binary: ${why}`, Code.Internal);
}

/** A request in JSON cannot be read. */
export function unreadableJson(error: unknown): ConnectError {
  return ConnectError.from(error, Code.InvalidArgument);
}
