import { create, type Message } from "@bufbuild/protobuf";
import type { HandlerContext, UnaryRequest, UnaryResponse } from "@connectrpc/connect";
import type { DirectMethod } from "./direct-method.ts";
import { InterceptedAnswer } from "./intercepted-answer.ts";
import { InterceptedRequest } from "./intercepted-request.ts";

/** The context of a call that goes through interceptors. */
export interface InterceptedContext {
  /** What the implementation is given where the interceptors have passed the request on as it is. */
  readonly given: HandlerContext;
  /** The same for whoever spreads it (`{ ...context }`). */
  readonly spreadable: HandlerContext;
}

/**
 * Calls an implementation through its interceptors, the first of them outermost, as Connect does. What they say of the
 * answer's headers is set in the context.
 */
export async function intercepted(
  { method, interceptors, parts }: DirectMethod,
  message: Message,
  { given, spreadable: context }: InterceptedContext,
  isBinary: boolean,
): Promise<Message> {
  const asked = new InterceptedRequest(message, context, method);
  let made: InterceptedAnswer | undefined;
  const innermost = async (request: UnaryRequest): Promise<UnaryResponse> => {
    const seen = asked.isSameAs(request) ? given : { ...context, ...inContext(request) };
    if (!isBinary) parts.readFromJson?.(request.message);
    const answer = create(method.output, await parts.implementation(request.message, seen));
    made = new InterceptedAnswer(
      isBinary ? answer : (parts.shownInJson?.(answer) ?? answer),
      context,
      method,
    );
    return made.answer;
  };
  // Of a unary call nothing else comes to an interceptor, nor may come from one.
  let next = innermost as Parameters<(typeof interceptors)[number]>[0];
  for (const interceptor of interceptors.toReversed()) next = interceptor(next);
  const answer = (await next(asked.request)) as UnaryResponse;
  if (!made?.isSameAs(answer)) {
    copyHeaders(answer.header, context.responseHeader);
    copyHeaders(answer.trailer, context.responseTrailer);
  }
  return answer.message;
}

/** What a request says, by the names that a context has for it. */
function inContext({ service, header, signal, contextValues }: UnaryRequest): Partial<HandlerContext> {
  return { service, requestHeader: header, signal, values: contextValues };
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
