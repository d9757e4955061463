import { shownHeaders, turns } from "./journal.ts";
import type { Setup } from "./stacks.ts";

/** What stands around the handlers that are called at random. */
export const RANDOM_SETUPS: Readonly<Record<string, Setup>> = {
  "with nothing around handlers": {},
  "with limits, a gate and an interceptor": {
    serve: { readMaxBytes: 250 },
    connect: (journal) => ({
      ...{ readMaxBytes: 250, writeMaxBytes: 2_000, compressMinBytes: 50, maxTimeoutMs: 600_000 },
      requireConnectProtocolHeader: true,
      requestGate: async (context) => {
        journal.note("gate", shownHeaders(context.requestHeader));
        await turns(1);
      },
      interceptors: [
        (next) => async (request) => {
          journal.note("interceptor", shownHeaders(request.header));
          const response = await next(request);
          response.header.set("x-interceptor", "passed");
          return response;
        },
      ],
    }),
  },
};
