import { createRegistry } from "@bufbuild/protobuf";
import { Code, ConnectError, createContextValues } from "@connectrpc/connect";
import { ProbeRequestSchema, ProbeService } from "../gen/probe/v1/probe_pb.ts";
import { MARK } from "../journal.ts";
import { createProbeService } from "../probe-service.ts";
import type { Setup } from "../stacks.ts";
import { asked, type Case, type Topic } from "../topic.ts";
import { CALL, callBy, FEW_WAYS, LOOK } from "../ways.ts";

const stopping = () => AbortSignal.abort(new ConnectError("the server stops", Code.Unavailable));

const SETUPS: Readonly<Record<string, Setup>> = {
  "JSON is written with all fields": { connect: () => ({ jsonOptions: { alwaysEmitImplicit: true } }) },
  "JSON may not have unknown fields": { connect: () => ({ jsonOptions: { ignoreUnknownFields: false } }) },
  "JSON knows one type": {
    connect: () => ({ jsonOptions: { registry: createRegistry(ProbeRequestSchema) } }),
  },
  "fields that nobody knows are lost": {
    connect: () => ({ binaryOptions: { readUnknownFields: false, writeUnknownFields: false } }),
  },
  "there is no gRPC": { connect: () => ({ grpc: false }) },
  "there is no gRPC-Web": { connect: () => ({ grpcWeb: false }) },
  "there is no Connect": { connect: () => ({ connect: false }) },
  "there is only gRPC": { connect: () => ({ grpcWeb: false, connect: false }) },
  "there is only Connect": { connect: () => ({ grpc: false, grpcWeb: false }) },
};

const NODE_SETUPS: Readonly<Record<string, Setup>> = {
  "the server stops": { connect: () => ({ shutdownSignal: stopping() }) },
  "values come from the request": {
    adapter: () => ({
      contextValues: ({ headers }) => createContextValues().set(MARK, `${headers["x-mark"]}`),
    }),
  },
  "no values come from the request": {
    adapter: () => ({ contextValues: () => createContextValues() }),
  },
  "all is below a prefix": { adapter: () => ({ requestPathPrefix: "/prefix" }) },
  "another answers what is not served": {
    adapter: (journal) => ({
      fallback: (request, response) => {
        journal.note("fallback", request.url);
        response.writeHead(299, { "x-fallback": "yes" });
        response.end("fallen back");
      },
    }),
  },
};

const cases = (): Case[] => [
  asked("a call", { text: "a" }, { headers: [["x-mark", "by a request"]] }),
  asked("a call that looks at nothing", { text: "a", glance: "none" }),
  asked("a call below a prefix", { text: "a" }, { path: `/prefix${CALL}` }),
  asked("a call below a prefix, with a query", { text: "a" }, { path: `/prefix${CALL}?a=b` }),
  asked("a call that is refused", { behaviour: "throws a ConnectError with details" }),
  asked("an answer with little in it", { behaviour: "a plain object" }),
  asked("an Any", { behaviour: "a known type in an Any" }),
  asked("an Any that nobody knows", { behaviour: "an unknown type in an Any" }),
  asked(
    "a field that nobody knows",
    {},
    { steps: [Buffer.from('{"other":1}'), "end"], contentType: "application/json" },
  ),
  asked(
    "another field that nobody knows",
    {},
    {
      steps: [Buffer.from([0xf8, 0x01, 0x05]), "end"],
      contentType: "application/proto",
    },
  ),
  asked("a path that is not served", {}, { path: "/none" }),
  asked("a GET", {}, { method: "GET", path: `${LOOK}?connect=v1&encoding=json&message={}`, steps: ["end"] }),
  asked("no content type", {}, { contentType: undefined }),
];

/** What the router itself has, where services have options of their own. */
const aroundAll: Setup["connect"] = (journal) => ({
  requestGate: ({ method }) => journal.note("gate", method.name),
  interceptors: [
    (next) => (request) => {
      journal.note("interceptor");
      return next(request);
    },
  ],
});

const MOUNTS: Readonly<Record<string, NonNullable<Setup["mount"]>>> = {
  "a service has a gate of its own": (router, journal) =>
    router.service(ProbeService, createProbeService(journal), {
      requestGate: ({ method }) => journal.note("own gate", method.name),
    }),
  "a service has interceptors of its own": (router, journal) =>
    router.service(ProbeService, createProbeService(journal), {
      interceptors: [
        (next) => (request) => {
          journal.note("own interceptor");
          return next(request);
        },
      ],
    }),
  "a service has limits of its own": (router, journal) =>
    router.service(ProbeService, createProbeService(journal), { readMaxBytes: 10, writeMaxBytes: 10 }),
  "a service has JSON of its own": (router, journal) =>
    router.service(ProbeService, createProbeService(journal), { jsonOptions: { alwaysEmitImplicit: true } }),
  "a service has options, and none in them": (router, journal) =>
    router.service(ProbeService, createProbeService(journal), {}),
  "a method is mounted alone": (router, journal) =>
    router.rpc(ProbeService.method.call, async (request) => {
      journal.note("called alone");
      return { text: request.text };
    }),
  "a method is mounted twice": (router, journal) => {
    router.rpc(ProbeService.method.call, () => ({ text: "the first" }));
    router.rpc(ProbeService.method.call, () => ({ text: "the second" }));
    router.rpc(ProbeService.method.look, () => {
      journal.note("looked");
      return {};
    });
  },
  "a service has only some methods": (router) =>
    router.service(ProbeService, { look: () => ({ text: "looked" }) }),
  "a service is a class": (router, journal) => {
    class Probe {
      readonly #text = "of a class";
      call() {
        journal.note("called");
        return { text: this.#text };
      }
    }
    router.service(ProbeService, new Probe());
  },
};

/** A server that begins to stop when it is called. */
const stoppings: readonly Topic[] = FEW_WAYS.map((way) => ({
  name: `where the server stops amid a call, ${way.name}:`,
  only: "on Node's own servers",
  setup: {
    adapter: () => {
      const stop = new AbortController();
      return {
        shutdownSignal: stop.signal,
        contextValues: () => {
          setTimeout(() => stop.abort(new ConnectError("the server stops", Code.Unavailable)), 10);
          return createContextValues();
        },
      };
    },
  },
  cases: [
    {
      name: "its handler hears of it",
      by: (one) =>
        one === way ? callBy(one, { behaviour: "waits, and throws why it was woken" }) : undefined,
    },
  ],
}));

/** What routers and adapters can be made with. */
export const options: readonly Topic[] = [
  ...stoppings,
  ...Object.entries(MOUNTS).map(([name, mount]) => ({
    name: `where ${name},`,
    setup: { mount, connect: aroundAll },
    cases: cases(),
  })),
  ...Object.entries(SETUPS).map(([name, setup]) => ({ name: `where ${name},`, setup, cases: cases() })),
  ...Object.entries(NODE_SETUPS).map(([name, setup]) => ({
    name: `where ${name},`,
    setup,
    only: "on Node's own servers" as const,
    cases: cases(),
  })),
];
