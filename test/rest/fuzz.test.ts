import { create, equals, type MessageInitShape } from "@bufbuild/protobuf";
import { createConnectRouter } from "@connectrpc/connect";
import type { UniversalServerResponse } from "@connectrpc/connect/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Binding } from "../../src/rest/binding.ts";
import { createRestHandler, type RestHandler } from "../../src/rest/rest-handler.ts";
import { EchoService, Kind, type Thing, ThingSchema } from "./gen/echo/v1/echo_pb.ts";
import { type ClientRequest, requestOf } from "./rest-client.ts";

type Init = MessageInitShape<typeof ThingSchema>;

describe("whatever is sent", () => {
  const { rest, received } = openEcho();
  const bindings = rest.bindings.filter(({ method }) => method.input.typeName === ThingSchema.typeName);

  it.each(bindings.map((binding) => [`${binding.httpMethod} ${binding.template.text}`, binding] as const))(
    "%s gets the message that a client sends",
    async (_, binding) => {
      await fc.assert(
        fc.asyncProperty(someThing(binding), fc.boolean(), async (init, protoNames) => {
          const sent = create(ThingSchema, init);
          const request = requestOf(binding, sent, protoNames);
          const response = await send(rest, request);
          expect([response.status, JSON.stringify(request)]).toEqual([200, JSON.stringify(request)]);
          const got = received();
          expect(equals(ThingSchema, got, sent), `${JSON.stringify(request)}`).toBe(true);
        }),
        { numRuns: 100 },
      );
    },
  );

  it("garbage is refused and not stumbled over", async () => {
    await fc.assert(
      fc.asyncProperty(someGarbage, async (request) => {
        const response = await send(rest, request);
        expect(response.status).toSatisfy((status: number) => status < 500, `${response.status}`);
      }),
      { numRuns: 2_000 },
    );
  });
});

/** The methods, and what they were called with last. */
function openEcho(): { readonly rest: RestHandler; readonly received: () => Thing } {
  let last = create(ThingSchema);
  const echo = (thing: Thing) => {
    last = thing;
    return thing;
  };
  const router = createConnectRouter().service(EchoService, {
    ...{ getThing: echo, createPart: echo, updatePart: echo, replaceThing: echo, tagThing: echo },
    ...{ deleteThing: echo, checkThing: echo, hidden: echo },
    async *watchThing(thing) {
      yield echo(thing);
    },
  });
  return { rest: createRestHandler(router.handlers), received: () => last };
}

async function send(rest: RestHandler, request: ClientRequest): Promise<UniversalServerResponse> {
  const answer = rest.find(request.httpMethod, request.target);
  if (answer === undefined) return { status: 404 };
  const body = new TextEncoder().encode(request.body ?? "");
  const response = await answer({
    ...{ httpVersion: "1.1", method: request.httpMethod, url: "http://127.0.0.1/" },
    header: new Headers({ "content-type": "application/json" }),
    body: (async function* () {
      yield body;
    })(),
    signal: new AbortController().signal,
  });
  for await (const chunk of response.body ?? []) expect(chunk).toBeInstanceOf(Uint8Array);
  return response;
}

const text = fc.string({ unit: "grapheme", maxLength: 8 });
const pathText = fc
  .oneof(text, fc.constantFrom("a", "a:check", "%2F", "%", "a b", "..", "?", "#", "ü", "a+b"))
  .map((value) => value.replaceAll("/", "").toWellFormed())
  .filter((value) => value !== "");
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const double = fc.double({ noNaN: true }).map((value) => value + 0);
const kind = fc.constantFrom(...[Kind.UNSPECIFIED, Kind.LARGE, Kind.SMALL]);
const bytes = fc.uint8Array({ maxLength: 8 });
const timestamp = fc.record({
  seconds: fc.bigInt({ min: -62_135_596_800n, max: 253_402_300_799n }),
  nanos: fc.integer({ min: 0, max: 999_999_999 }),
});
const duration = fc.record({
  seconds: fc.bigInt({ min: 0n, max: 315_576_000_000n }),
  nanos: fc.integer({ min: 0, max: 999_999_999 }),
});
// A message with nothing set cannot be told, in a query, from none.
const part = fc.record(
  { name: text, count: int32.filter((count) => count !== 0), displayName: text, kind },
  { requiredKeys: ["count"] },
);

/** What a query can say. */
const flat = {
  ...{ kind, kinds: fc.array(kind, { maxLength: 3 }), flag: fc.boolean(), data: bytes, ratio: double },
  ...{ count: int32, big: int64, huge: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
  ...{ tags: fc.array(text, { maxLength: 3 }), numbers: fc.array(int64, { maxLength: 3 }), part },
  ...{ createTime: timestamp, timeToLive: duration, maybeText: text, maybeFlag: fc.boolean() },
  updateMask: fc.record({ paths: fc.array(fc.constantFrom("part.display_name", "kind"), { minLength: 1 }) }),
  ...{
    maybeBig: int64,
    maybeData: bytes,
    optionalCount: int32,
    times: fc.array(timestamp, { maxLength: 2 }),
  },
  choice: fc.oneof(
    fc.record({ case: fc.constant("one" as const), value: text }),
    fc.record({ case: fc.constant("other" as const), value: int32 }),
    fc.record({ case: fc.constant("third" as const), value: part }),
  ),
  inner: part.map((value) => ({ part: value })),
  ...{ unsignedCount: fc.nat(), flags: fc.array(fc.boolean(), { maxLength: 3 }) },
};

/** What only a body can say beside. */
const deep = {
  parts: fc.array(part, { maxLength: 2 }),
  labels: fc.dictionary(text, text, { maxKeys: 2 }),
};

/** A message that a client can send by this binding. */
function someThing(binding: Binding): fc.Arbitrary<Init> {
  const rest = fc.record(binding.body === "*" ? { ...flat, ...deep } : flat, { requiredKeys: [] });
  const ofPath = fc.record(
    Object.fromEntries(binding.pathFields.map((field) => [field.name, somePathValue(binding, field.name)])),
  );
  return fc.tuple(rest, ofPath).map(([init, values]) => {
    const { "part.name": partName, "part.count": partCount, ...own } = values;
    const thing = { ...init, ...own };
    if (partName === undefined && partCount === undefined) return thing;
    const named = partName === undefined ? {} : { name: String(partName) };
    const counted = partCount === undefined ? {} : { count: Number(partCount) };
    return { ...thing, part: { ...thing.part, ...named, ...counted } };
  });
}

function somePathValue({ template, pathFields }: Binding, name: string): fc.Arbitrary<unknown> {
  const typed: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
    ...{ kind, flag: fc.boolean(), ratio: double, big: int64, "part.count": int32 },
    data: fc.uint8Array({ minLength: 1, maxLength: 8 }),
  };
  const field = pathFields.find((each) => each.name === name);
  const segments = template.segments.slice(field?.start, field?.end).map((segment) => {
    if (segment.kind === "literal") return fc.constant([segment.text]);
    return fc.array(pathText, segment.kind === "one" ? { minLength: 1, maxLength: 1 } : { maxLength: 3 });
  });
  return typed[name] ?? fc.tuple(...segments).map((parts) => parts.flat().join("/"));
}

const somePiece = fc.oneof(
  fc.constantFrom("/v1", "/things", "/a", ":check", ":watch", "/archive", "/by-kind", "/1", "/true", "/AA"),
  fc.constantFrom(
    "/everything",
    "?",
    "&",
    "=",
    "count=",
    "part.",
    "name=",
    "$alt=",
    "createTime=",
    "%",
    "%2F",
  ),
  fc.constantFrom(
    "/tags",
    "/parts",
    "kind=",
    "maybe_big=",
    "%ff",
    "%c3%bc",
    "+",
    "__proto__",
    "inner.",
    "&tags=1",
  ),
  fc.string({ unit: "binary", maxLength: 4 }),
  text.map((value) => encodeURIComponent(value.toWellFormed())),
);

const someGarbage: fc.Arbitrary<ClientRequest> = fc.record({
  httpMethod: fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "REPORT", ""),
  target: fc.oneof(
    fc.array(somePiece, { maxLength: 12 }).map((parts) => parts.join("")),
    fc
      .tuple(
        fc.constantFrom(
          "/v1/everything?",
          "/v1/things/a",
          "/v1/things/a:check",
          "/v1/things/a:watch?",
          "/v1/archive/",
        ),
        fc.array(somePiece, { maxLength: 8 }),
      )
      .map(([path, parts]) => path + parts.join("")),
  ),
  body: fc.option(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json(),
      fc
        .dictionary(
          fc.constantFrom("name", "count", "part", "labels", "extra", "freeForm", "inner", "@type"),
          fc.jsonValue(),
        )
        .map((json) => JSON.stringify(json)),
      fc.constantFrom(
        '{"extra":{"@type":"type.googleapis.com/echo.v1.Thing"}}',
        '{"extra":{}}',
        '{"name":"\\ud800"}',
      ),
    ),
    { nil: undefined },
  ),
});
