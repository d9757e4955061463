import { Code, ConnectError } from "@connectrpc/connect";
import { TLS } from "../../server/open-server.ts";
import type { Header } from "../call.ts";
import { asked, type Case, type Topic } from "../topic.ts";

const only = "by serve" as const;

const usual: readonly Case[] = [
  asked("a call", { text: "a" }),
  asked("a call that looks at nothing", { text: "a", glance: "none" }),
  asked("an answer with headers and trailers", { behaviour: "headers and trailers" }),
  asked("a call that is refused", { behaviour: "throws a ConnectError with metadata" }),
  asked("a message that is none", {}, { steps: [Buffer.from("none"), "end"] }),
  asked("an unknown content type", {}, { contentType: "text/plain" }),
  asked("an unknown path", {}, { path: "/none" }),
  asked("a GET of an operation", {}, { method: "GET", path: "/v1/operations/running", steps: ["end"] }),
  asked("OPTIONS", {}, { method: "OPTIONS", steps: ["end"] }),
];

/** Encrypted connections. */
export const tls: Topic = { name: "over TLS,", only, setup: { serve: { tls: TLS } }, cases: usual };

/** Errors as handlers make them. */
export const bareErrors: Topic = {
  name: "where errors are not completed,",
  only,
  setup: { operations: { completeErrors: false } },
  cases: usual,
};

/** Errors in the name of the server's owner. */
export const ownDomain: Topic = {
  name: "where errors have a domain of their own,",
  only,
  setup: { operations: { errorDomain: "probe.test" } },
  cases: usual,
};

const from = (origin: string): readonly Header[] => [["origin", origin]];

/** Calls of pages. */
export const cors: Topic = {
  name: "where pages of one site may call,",
  only,
  setup: { serve: { cors: { allowedOrigins: ["http://page.test"] } } },
  cases: [
    ...usual,
    ...["http://page.test", "http://other.test", "null"].flatMap((origin) => [
      asked(`a call from ${origin}`, { text: "a" }, { headers: from(origin) }),
      asked(
        `an answer that varies, to ${origin}`,
        { behaviour: "headers and trailers" },
        { headers: from(origin) },
      ),
      asked(`an error, to ${origin}`, { behaviour: "throws an Error" }, { headers: from(origin) }),
      asked(
        `a question whether ${origin} may`,
        {},
        {
          method: "OPTIONS",
          headers: [...from(origin), ["access-control-request-method", "POST"]],
          contentType: undefined,
          steps: ["end"],
        },
      ),
    ]),
  ],
};

const bearer = (token: string): readonly Header[] => [["authorization", `Bearer ${token}`]];

/** Calls of people who are known. */
export const access: Topic = {
  name: "where callers are asked who they are,",
  only,
  setup: {
    operations: {
      access: {
        scopes: false,
        authenticate: ({ header }) => {
          const token = header.get("authorization")?.replace("Bearer ", "");
          if (token === "wrong") throw new ConnectError("not you", Code.Unauthenticated);
          return token === undefined ? undefined : { id: token };
        },
      },
    },
  },
  cases: [
    ...usual,
    ...["alice", "wrong", ""].flatMap((token) => [
      asked(`a call of "${token}"`, { text: "a" }, { headers: bearer(token) }),
      asked(
        `a call of "${token}" that looks at nothing`,
        { text: "a", glance: "none" },
        { headers: bearer(token) },
      ),
      asked(`an error for "${token}"`, { behaviour: "throws an Error" }, { headers: bearer(token) }),
    ]),
  ],
};
