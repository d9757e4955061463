import { create, type Message } from "@bufbuild/protobuf";
import type { HandlerContext, UnaryRequest, UnaryResponse } from "@connectrpc/connect";
import type { DirectMethod } from "./direct-method.ts";

/**
 * Calls an implementation through its interceptors, the first of them outermost, as Connect does. What they say of the
 * answer's headers is set in the context.
 */
export async function intercepted(
  { method, interceptors, parts }: DirectMethod,
  message: Message,
  context: HandlerContext,
  isBinary: boolean,
): Promise<Message> {
  const { service, requestMethod, url, signal, requestHeader, responseHeader, responseTrailer, values } =
    context;
  const innermost = async (request: UnaryRequest): Promise<UnaryResponse> => {
    const { header, signal, contextValues } = request;
    const seen = {
      ...context,
      service: request.service,
      requestHeader: header,
      signal,
      values: contextValues,
    };
    if (!isBinary) parts.readFromJson?.(request.message);
    const made = create(method.output, await parts.implementation(request.message, seen));
    const answer = isBinary ? made : (parts.shownInJson?.(made) ?? made);
    return {
      stream: false,
      service,
      method,
      message: answer,
      header: responseHeader,
      trailer: responseTrailer,
    };
  };
  // Of a unary call nothing else comes to an interceptor, nor may come from one.
  let next = innermost as Parameters<(typeof interceptors)[number]>[0];
  for (const interceptor of interceptors.toReversed()) next = interceptor(next);
  const request = { requestMethod, url, signal, header: requestHeader, service, contextValues: values };
  const answer = (await next({ ...request, stream: false, message, method })) as UnaryResponse;
  copyHeaders(answer.header, responseHeader);
  copyHeaders(answer.trailer, responseTrailer);
  return answer.message;
}

/** As Connect does it: while it walks along what it deletes it passes some over, which so stay. */
function copyHeaders(from: Headers, to: Headers): void {
  if (from === to) return;
  to.forEach((_, name) => {
    to.delete(name);
  });
  from.forEach((value, name) => {
    to.set(name, value);
  });
}
