import type { Calls } from "./calls.ts";
import { listedIn } from "./json-calls.ts";
import type { AnyJson, OperationJson, OperationsJson } from "./operation-json.ts";
import { payloadOf, Refused, refusalOf } from "./refused.ts";

/** An error of REST, as AIP-193 has it. */
interface RestErrorJson {
  readonly error: {
    readonly status: string;
    readonly message: string;
    readonly details?: readonly AnyJson[];
  };
}

/** Calls with fetch alone, by REST. */
export function restCalls(server: string): Calls {
  async function call(path: string, init: RequestInit = {}): Promise<[answer: unknown, header: Headers]> {
    const response = await fetch(`${server}/v1/${path}`, init);
    const answer = await response.json();
    if (response.ok) return [answer, response.headers];
    const { status, message, details = [] } = (answer as RestErrorJson).error;
    throw new Refused(status, message, details);
  }

  const post = (body: string): RequestInit => ({
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });

  return {
    async start(work) {
      const [operation] = await call("simulator:simulateWork", post(work));
      return (operation as OperationJson).name;
    },
    async watch(name, onSteps) {
      for (;;) {
        const [answer, header] = await call(name);
        const operation = answer as OperationJson;
        onSteps(operation.metadata?.stepsDone ?? 0);
        if (operation.done) return;
        const seconds = header.get("retry-after");
        if (seconds === null) throw new TypeError("the page may not read Retry-After");
        await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1_000));
      }
    },
    async result(name, signal) {
      for (;;) {
        const wait = post('{"timeout": "50s"}');
        const headers = { ...wait.headers, "x-server-timeout": "60" };
        const [answer] = await call(`${name}:wait`, { ...wait, headers, signal });
        const operation = answer as OperationJson;
        if (operation.done) return payloadOf(operation);
      }
    },
    async cancel(name) {
      await call(`${name}:cancel`, post("{}"));
    },
    async list() {
      const [page] = await call("operations");
      return listedIn(page as OperationsJson);
    },
    refusalOf,
  };
}
