import { Agent } from "node:http";
import {
  create,
  createRegistry,
  type DescMessage,
  type DescMethodUnary,
  type JsonValue,
  type MessageInitShape,
  toJson,
} from "@bufbuild/protobuf";
import { AnySchema, anyPack, EmptySchema } from "@bufbuild/protobuf/wkt";
import { ConnectError, type Transport } from "@connectrpc/connect";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { Code as GrpcCode } from "../../gen/google/rpc/code_pb.ts";
import { file_google_rpc_error_details } from "../../gen/google/rpc/error_details_pb.ts";
import {
  file_longrunning_testing_v1_simulator,
  SimulatorService,
} from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { statusOfError } from "../../src/operation/status.ts";
import { newStoredOperation } from "../../src/operation/stored-operation.ts";
import { complete } from "../../src/operation/transition.ts";
import { createOperations } from "../../src/server/create-operations.ts";
import { serve } from "../../src/server/serve.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { createSimulatorService } from "../../src/simulator/simulator-service.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { protocols } from "../service/protocols.ts";
import { bindingFor, callByRest, type RestAnswer } from "./rest-caller.ts";

const registry = createRegistry(
  EmptySchema,
  file_google_rpc_error_details,
  file_longrunning_testing_v1_simulator,
);

/** What stands in the place of what is another for every call: a new operation's name, a page token. */
const OWN = "(its own)";

const RUNS = 100;

/** What a call came to, in a form that is the same whatever it was called by. */
type Outcome =
  | { readonly answer: JsonValue }
  | { readonly refusal: { readonly code: number; readonly message: string; readonly details: JsonValue[] } };

const { getOperation, listOperations, cancelOperation, waitOperation, deleteOperation } = Operations.method;

describe("the same request is answered alike by gRPC, gRPC-Web, Connect and REST", () => {
  let server: Called;
  beforeAll(async () => {
    server = await openCalled();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** Calls a method with many messages, each by every protocol, and compares what comes back. */
  async function compare<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    messages: fc.Arbitrary<MessageInitShape<I>>,
  ) {
    let byRest = 0;
    await fc.assert(
      fc.asyncProperty(messages, async (init) => {
        const outcomes = await server.outcomes(method, init);
        if (outcomes.has("REST")) byRest++;
        const [[, first] = [], ...others] = outcomes;
        for (const [protocol, outcome] of others) expect([protocol, outcome]).toEqual([protocol, first]);
      }),
      { numRuns: RUNS },
    );
    // A comparison with nothing would always hold.
    expect(byRest).toBeGreaterThan(RUNS / 4);
  }

  it("GetOperation", () => compare(getOperation, fc.record({ name: someName })));

  it("ListOperations", () =>
    compare(
      listOperations,
      fc.record({
        name: fc.oneof(someParent, someName),
        pageSize: fc.oneof(fc.integer({ min: -3, max: 5 }), fc.constantFrom(2 ** 31 - 1, -(2 ** 31))),
        pageToken: mostlyEmpty(someText),
        filter: mostlyEmpty(someText),
        returnPartialSuccess: fc.boolean(),
      }),
    ));

  it("CancelOperation", () => compare(cancelOperation, fc.record({ name: someName })));

  it("WaitOperation", () => compare(waitOperation, fc.record({ name: someName, timeout: someTimeout })));

  it("DeleteOperation", () => compare(deleteOperation, fc.record({ name: someName })));

  it("SimulateWork", () => compare(SimulatorService.method.simulateWork, someWork));
});

const someText = fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => text.toWellFormed());

/** Text that a path must not take for its own syntax. */
const someSegment = fc
  .oneof(
    someText,
    fc.constantFrom(
      "running",
      "done",
      "%",
      "%2F",
      "%2f..",
      "..",
      ".",
      "a:cancel",
      ":wait",
      "a b",
      "a+b",
      "?",
      "#",
      "ü",
    ),
    fc.constantFrom("__proto__", "\u0000", "\n", "*", "**", "{name}", "$alt=json", "a".repeat(600)),
  )
  .map((text) => text.replaceAll("/", ""));

const someName = fc.oneof(
  fc.constantFrom("operations/running", "operations/done", "projects/p/operations/child", "operations/none"),
  fc
    .array(someSegment, { minLength: 1, maxLength: 3 })
    .map((segments) => ["operations", ...segments].join("/")),
  fc.tuple(someSegment, someSegment).map(([parent, id]) => `projects/${parent}/operations/${id}`),
  someText,
);

const someParent = fc.oneof(
  fc.constantFrom("", "operations", "projects/p", "projects/p/operations", "projects/-"),
  someSegment.map((segment) => `projects/${segment}`),
);

const someTimeout = fc
  .record({
    seconds: fc.constantFrom(0n, 0n, 0n, -1n, -315_576_000_000n),
    nanos: fc.constantFrom(0, 1, 1_000_000),
  })
  .map(({ seconds, nanos }) => ({ seconds, nanos: seconds < 0n ? -nanos : nanos }));

const someWork = fc.record({
  duration: fc.constantFrom(undefined, { seconds: 0n }, { seconds: -1n }, { seconds: 315_576_000_000n }),
  steps: fc.constantFrom(0, 0, -1, 10_001, 2 ** 31 - 1),
  error: fc.constantFrom(
    undefined,
    undefined,
    { code: 0 },
    { code: 9, message: "no" },
    { code: 17 },
    { code: -1 },
  ),
  payload: someText,
  parent: fc.oneof(fc.constantFrom("", "projects/p"), someText),
  requestId: mostlyEmpty(someText.map((text) => text.repeat(20))),
});

function mostlyEmpty(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant("") }, texts);
}

/** A server, and a client of it for every protocol. */
interface Called extends AsyncDisposable {
  /** What a request comes to by each protocol that can send it. Before each call, all is as it was at first. */
  outcomes<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    init: MessageInitShape<I>,
  ): Promise<ReadonlyMap<string, Outcome>>;
}

async function openCalled(): Promise<Called> {
  await using stack = new AsyncDisposableStack();
  const store = stack.use(new MemoryStore());
  const operations = createOperations({
    store,
    graceMs: 0,
    methods: [[SimulatorService.method.simulateWork, SimulateWork]],
  });
  stack.defer(() => operations.close());
  const server = await serve({
    operations,
    port: 0,
    graceMs: 0,
    routes: (router) => router.service(SimulatorService, createSimulatorService(operations.manager)),
  });
  stack.defer(() => server.close());
  const connections = protocols.map(({ name, connect }) => [name, stack.use(connect(server.url))] as const);
  const agent = stack.adopt(new Agent({ keepAlive: true }), (agent) => agent.destroy());
  const kept = stack.move();
  return {
    async outcomes(method, init) {
      const outcomes = new Map<string, Outcome>();
      const message = create(method.input, init);
      const binding = bindingFor(method, "name" in message ? String(message.name) : "");
      const requestId = "requestId" in message ? String(message.requestId) : "";
      const note = async (protocol: string, call: () => Promise<Outcome>) => {
        await keepAsAtFirst(store);
        outcomes.set(protocol, await call());
        const started = await store.getByRequest(requestId);
        if (started !== undefined) await store.delete(started.name);
      };
      for (const [protocol, { transport }] of connections) {
        await note(protocol, () => outcomeOf(transport, method, init));
      }
      if (binding !== undefined) {
        await note("REST", async () => outcomeOfRest(await callByRest(server.url, agent, binding, message)));
      }
      return outcomes;
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Keeps one operation that runs, one that is done, and one below a resource, whatever calls have made of them. */
async function keepAsAtFirst(store: MemoryStore): Promise<void> {
  const running = newStoredOperation({ name: "operations/running", parent: "", createTimeMs: 1 });
  const done = newStoredOperation({ name: "operations/done", parent: "", createTimeMs: 2 });
  const child = newStoredOperation({
    name: "projects/p/operations/child",
    parent: "projects/p",
    createTimeMs: 3,
  });
  const value = anyPack(EmptySchema, create(EmptySchema));
  const end = complete({
    result: { case: "response", value },
    endTimeMs: Date.now(),
    retentionMs: 86_400_000,
  });
  for (const stored of [running, { ...end(done), revision: 1 }, child]) {
    await store.delete(stored.name);
    await store.insert(stored);
  }
}

async function outcomeOf<I extends DescMessage, O extends DescMessage>(
  transport: Transport,
  method: DescMethodUnary<I, O>,
  init: MessageInitShape<I>,
): Promise<Outcome> {
  try {
    const { message } = await transport.unary(method, undefined, 10_000, undefined, init);
    return { answer: withoutOwn(toJson(method.output, message, { registry })) };
  } catch (error) {
    const { code, message, details } = statusOfError(ConnectError.from(error));
    const shown = details.map((any) => toJson(AnySchema, any, { registry }));
    return { refusal: { code, message, details: inOrder(shown) } };
  }
}

/** AIP-193 shows the code by its name, and beside it the HTTP status, which the details and the code imply. */
function outcomeOfRest({ status, body }: RestAnswer): Outcome {
  if (status === 200) return { answer: withoutOwn(body) };
  const { error } = body as unknown as RestError;
  const details = inOrder(error.details);
  return { refusal: { code: GrpcCode[error.status], message: error.message, details } };
}

interface RestError {
  readonly error: {
    readonly status: keyof typeof GrpcCode;
    readonly message: string;
    readonly details: readonly JsonValue[];
  };
}

/** An answer without what differs from call to call: page tokens, and the name and time of what was started. */
function withoutOwn(answer: JsonValue): JsonValue {
  const text = JSON.stringify(answer).replace(/"nextPageToken":"[^"]+"/, `"nextPageToken":"${OWN}"`);
  if (!text.includes("SimulateWorkMetadata")) return JSON.parse(text);
  const started = text.replace(/operations\/[\w-]+"/, `operations/${OWN}"`);
  return JSON.parse(started.replace(/"createTime":"[^"]+"/, `"createTime":"${OWN}"`));
}

/** Details in an order that does not hang on who sent them. */
function inOrder(details: readonly JsonValue[]): JsonValue[] {
  return details.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
