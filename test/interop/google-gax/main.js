// google-gax's OperationsClient and Operation: node main.js grpc|rest URL
import { once } from "node:events";
import { openSimulatorClient } from "./simulator-client.js";
import { hasRuleOfWait, waitOperation } from "./wait-operation.js";

const NO_WAY = Symbol("no way to ask");
const WORK_RESPONSE = "longrunning.testing.v1.SimulateWorkResponse";

const [, , protocol, url] = process.argv;
const { simulateWork, operations, types } = await openSimulatorClient(url, protocol);

const canWait = protocol !== "rest" || hasRuleOfWait(types);

/** Starts work of so many seconds, and answers gax's Operation. */
async function start(seconds, work = {}) {
  const duration = { seconds: Math.trunc(seconds), nanos: (seconds % 1) * 1e9 };
  const [operation] = await simulateWork({ duration, ...work });
  return operation;
}

function errorInfo(fields) {
  const ErrorInfo = types.lookupType("google.rpc.ErrorInfo");
  return {
    type_url: "type.googleapis.com/google.rpc.ErrorInfo",
    value: ErrorInfo.encode(ErrorInfo.fromObject(fields)).finish(),
  };
}

const refusalOf = (call) =>
  call.then(
    () => ({ code: 0 }),
    (error) => error,
  );

// gax always iterates page by page, and warns where it was not told so.
const ONE_PAGE = { autoPaginate: false };

const BEHAVIOURS = {
  async start() {
    const { name, done } = await start(60);
    return { name, done };
  },
  async poll() {
    const operation = await start(1, { payload: "polled" });
    const [{ payload }, , { done }] = await operation.promise();
    return { done, payload };
  },
  async wait() {
    if (!canWait) return NO_WAY;
    const { name } = await start(1, { payload: "waited" });
    const { done, response } = await waitOperation(operations, { name, timeout: { seconds: 30 } });
    const { payload } = types.lookupType(WORK_RESPONSE).decode(response.value);
    return { done, payload };
  },
  async deadline() {
    if (!canWait) return NO_WAY;
    const { name } = await start(60);
    const before = performance.now();
    const { done } = await waitOperation(operations, { name }, { deadline: Date.now() + 5_000 });
    return { done, early: performance.now() - before < 5_000 };
  },
  async progress() {
    const operation = await start(2, { steps: 3 });
    const seen = [operation.metadata.stepsDone];
    operation.on("progress", ({ stepsDone }) => seen.push(stepsDone));
    const [, { stepsDone, stepsTotal }] = await operation.promise();
    seen.push(stepsDone);
    const rising =
      seen.every((steps, index) => index === 0 || steps >= seen[index - 1]) && new Set(seen).size > 1;
    return { stepsDone, stepsTotal, rising };
  },
  async success() {
    const operation = await start(0.1, { payload: "hello" });
    const [{ payload }] = await operation.promise();
    return { payload };
  },
  async failure() {
    const details = [errorInfo({ reason: "DISK_FULL", domain: "example.com" })];
    const operation = await start(0.1, { error: { code: 9, message: "the disk is full", details } });
    const { code, message, reason, domain } = await refusalOf(operation.promise());
    return { code, message, reason, domain };
  },
  async cancel() {
    const operation = await start(60);
    await operation.cancel();
    const { code } = await refusalOf(operation.promise());
    return { code };
  },
  async delete() {
    const { name } = await start(0);
    await operations.deleteOperation({ name });
    const { code } = await refusalOf(operations.getOperation({ name }));
    return { code };
  },
  async list() {
    const parent = `projects/gax-${process.pid}`;
    for (let index = 0; index < 5; index++) await start(0, { parent });
    let [listed, pages] = [0, 0];
    const request = { name: parent, pageSize: 2 };
    for await (const _ of operations.listOperationsAsync(request, ONE_PAGE)) listed++;
    const stream = operations.listOperationsStream(request, ONE_PAGE);
    stream.on("response", () => pages++).resume();
    await once(stream, "end");
    return { operations: listed, pages };
  },
  async "not-found"() {
    const { code, reason } = await refusalOf(operations.getOperation({ name: "operations/none" }));
    return { code, reason };
  },
  async "unknown-any"() {
    // gax takes its own failure to read an Any by REST for a server that is away, and would try again for 10 minutes.
    const noRetry = { retry: null };
    try {
      const [{ metadata }] = await operations.getOperation({ name: "projects/far/operations/away" }, noRetry);
      const [all] = await operations.listOperations({ name: "projects/far" }, noRetry);
      return { typeUrl: metadata.type_url, value: metadata.value.toString("hex"), listed: all.length };
    } catch ({ code }) {
      return { code };
    }
  },
};

for (const [behaviour, look] of Object.entries(BEHAVIOURS)) {
  const saw = await look().catch((error) => ({ threw: String(error.stack) }));
  console.log(JSON.stringify({ behaviour, ...(saw === NO_WAY ? { missing: true } : { saw }) }));
}
