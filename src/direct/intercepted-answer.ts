import type { DescMethodUnary, Message } from "@bufbuild/protobuf";
import type { HandlerContext, UnaryResponse } from "@connectrpc/connect";

/**
 * What an implementation answers, as interceptors see it. Headers and trailers are those of the context, made when somebody
 * looks at them, and somebody who puts others there is heard.
 */
export class InterceptedAnswer {
  readonly answer: UnaryResponse;
  #isChanged = false;

  constructor(message: Message, context: HandlerContext, method: DescMethodUnary) {
    const put: Partial<Pick<UnaryResponse, "header" | "trailer">> = {};
    const change = (changes: typeof put) => {
      Object.assign(put, changes);
      this.#isChanged = true;
    };
    this.answer = {
      ...{ stream: false, service: context.service, method, message },
      get header(): Headers {
        return put.header ?? context.responseHeader;
      },
      set header(header: Headers) {
        change({ header });
      },
      get trailer(): Headers {
        return put.trailer ?? context.responseTrailer;
      },
      set trailer(trailer: Headers) {
        change({ trailer });
      },
    };
  }

  /** Whether the answer that comes out of the interceptors says what the context says already, but for its message. */
  isSameAs(answer: UnaryResponse): boolean {
    return answer === this.answer && !this.#isChanged;
  }
}
