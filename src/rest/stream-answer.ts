import type { JsonValue } from "@bufbuild/protobuf";
import type { ConnectError } from "@connectrpc/connect";
import type { UniversalServerRequest, UniversalServerResponse } from "@connectrpc/connect/protocol";
import { completeHeader } from "./answer.ts";
import type { StreamEvent } from "./connect-call.ts";
import { closed, framed, streamFormOf } from "./stream-form.ts";

/** How the messages and the errors of a stream are written. */
export interface StreamWriting {
  /** Whether the query asks for server-sent events; known once the request is read. */
  events(): boolean;
  /** The JSON of a response in binary. Throws where JSON cannot hold it. */
  json(bytes: Uint8Array): JsonValue;
  errorJson(error: ConnectError): JsonValue;
  /** The error in place of what `json` threw at. */
  notSendable(cause: unknown): ConnectError;
  answerError(error: ConnectError, header: Headers): Promise<UniversalServerResponse>;
}

/**
 * Answers with the messages of a stream as they come. An error before the first one is an answer as of any other
 * method; a later one is the last JSON of the body.
 */
export async function answerStream(
  request: UniversalServerRequest,
  call: { readonly header: Headers; readonly events: AsyncIterable<StreamEvent> },
  writing: StreamWriting,
): Promise<UniversalServerResponse> {
  const events = call.events[Symbol.asyncIterator]();
  const first = await events.next();
  const firstEvent = first.done === true ? undefined : first.value;
  if (firstEvent?.kind === "end" && firstEvent.error !== undefined) {
    return writing.answerError(firstEvent.error, call.header);
  }
  const form = streamFormOf(request.header, writing.events());
  const { header } = call;
  completeHeader(header, form.contentType);
  header.append("vary", "accept");
  // A proxy such as nginx would gather what is to come as it comes.
  header.set("x-accel-buffering", "no");
  const trailer = new Headers();
  const body = async function* (): AsyncIterable<Uint8Array> {
    let isEmpty = true;
    const frame = (json: JsonValue) => {
      const chunk = framed(form, json, isEmpty);
      isEmpty = false;
      return chunk;
    };
    try {
      for (let next = first; next.done !== true; next = await events.next()) {
        const event = next.value;
        if (event.kind === "message") {
          let json: JsonValue;
          try {
            json = writing.json(event.bytes);
          } catch (cause) {
            yield frame(writing.errorJson(writing.notSendable(cause)));
            break;
          }
          yield frame(json);
          continue;
        }
        if (event.error !== undefined) yield frame(writing.errorJson(event.error));
        event.trailer.forEach((value, name) => {
          trailer.set(name, value);
        });
      }
      yield closed(form, isEmpty);
    } finally {
      // The client has gone, or the answer ended early: the method is to stop.
      await events.return?.();
    }
  };
  if (request.method === "HEAD") {
    await events.return?.();
    return { status: 200, header };
  }
  return { status: 200, header, trailer, body: body() };
}
