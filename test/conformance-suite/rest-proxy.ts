import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** What goes to the server, or comes back from it. */
export interface Exchange {
  readonly method: string;
  readonly target: string;
  readonly body: string;
  status: number;
  contentType: string;
  answer: string;
}

/** What is wrong: another target than that which was asked for, a refusal of the request, or another answer. */
export interface RestFault {
  readonly target?: (target: string) => string;
  readonly isRefused?: (exchange: Pick<Exchange, "method" | "target" | "body">) => boolean;
  readonly answer?: (exchange: Exchange) => void;
}

export interface RestProxy extends AsyncDisposable {
  readonly url: string;
}

const REFUSAL = {
  error: {
    code: 400,
    message: "not taken",
    status: "INVALID_ARGUMENT",
    details: [
      {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        reason: "NOT_TAKEN",
        domain: "faulty.example.com",
      },
      {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        fieldViolations: [{ field: "name", description: "no" }],
      },
    ],
  },
};

/** A server that is right over HTTP, with something wrong put before it. */
export async function openRestProxy(to: string, fault: RestFault): Promise<RestProxy> {
  const server = createServer(async (request, response) => {
    const body = await textOf(request);
    const { method = "GET", url = "/" } = request;
    const exchange = {
      method,
      target: url,
      body,
      status: 400,
      contentType: "application/json",
      answer: JSON.stringify(REFUSAL),
    };
    if (!fault.isRefused?.(exchange)) {
      const { "content-type": type, authorization } = request.headers;
      const answered = await fetch(to + (fault.target?.(url) ?? url), {
        method,
        headers: {
          ...(type !== undefined && { "content-type": type }),
          ...(authorization !== undefined && { authorization }),
        },
        ...(method === "POST" && { body }),
      });
      exchange.status = answered.status;
      exchange.contentType = answered.headers.get("content-type") ?? "";
      exchange.answer = await answered.text();
      fault.answer?.(exchange);
    }
    response.writeHead(exchange.status, { "content-type": exchange.contentType }).end(exchange.answer);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // A server that listens on TCP has such an address.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}
