import type { DescMethodUnary, DescService, Message } from "@bufbuild/protobuf";
import type { ContextValues, HandlerContext, UnaryRequest } from "@connectrpc/connect";

/**
 * The request of a call as interceptors see it. URL, signal, headers and values are made when somebody looks at them. They
 * are properties of the request itself, so that `{ ...request }` has them, and somebody who puts others there is heard.
 */
export class InterceptedRequest {
  readonly request: UnaryRequest;
  readonly #service: DescService;
  #isChanged = false;

  constructor(message: Message, context: HandlerContext, method: DescMethodUnary) {
    const { service, requestMethod } = context;
    this.#service = service;
    const put: Partial<Pick<UnaryRequest, "url" | "signal" | "header" | "contextValues">> = {};
    const change = (changes: typeof put) => {
      Object.assign(put, changes);
      this.#isChanged = true;
    };
    this.request = {
      ...{ stream: false, message, method, service, requestMethod },
      get url(): string {
        return put.url ?? context.url;
      },
      set url(url: string) {
        change({ url });
      },
      get signal(): AbortSignal {
        return put.signal ?? context.signal;
      },
      set signal(signal: AbortSignal) {
        change({ signal });
      },
      get header(): Headers {
        return put.header ?? context.requestHeader;
      },
      set header(header: Headers) {
        change({ header });
      },
      get contextValues(): ContextValues {
        return put.contextValues ?? context.values;
      },
      set contextValues(contextValues: ContextValues) {
        change({ contextValues });
      },
    };
  }

  /** Whether a request that comes to the implementation says the same as this one, but for its message. */
  isSameAs(request: UnaryRequest): boolean {
    return request === this.request && !this.#isChanged && request.service === this.#service;
  }
}
