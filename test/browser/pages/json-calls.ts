import type { Calls, Listed } from "./calls.ts";
import type { OperationJson, OperationsJson } from "./operation-json.ts";
import { payloadOf, Refused, refusalOf } from "./refused.ts";

const OPERATIONS = "google.longrunning.Operations";

/** An error of Connect's protocol. */
interface ConnectErrorJson {
  readonly code: string;
  readonly message?: string;
  readonly details?: readonly { readonly type: string; readonly debug?: object }[];
}

/** Calls with fetch alone: Connect's protocol is a POST of JSON to the method's name. */
export function jsonCalls(server: string): Calls {
  async function call(method: string, body: string, signal: AbortSignal | null = null): Promise<unknown> {
    const headers = { "content-type": "application/json", "connect-protocol-version": "1" };
    const response = await fetch(`${server}/${method}`, { method: "POST", headers, body, signal });
    const answer = await response.json();
    if (response.ok) return answer;
    const { code, message = "", details = [] }: ConnectErrorJson = answer;
    throw new Refused(
      code === "canceled" ? "CANCELLED" : code.toUpperCase(),
      message,
      details.map(({ type, debug }) => ({ ...debug, "@type": `type.googleapis.com/${type}` })),
    );
  }

  async function wait(name: string, timeout: string, signal?: AbortSignal): Promise<OperationJson> {
    const body = JSON.stringify({ name, timeout });
    return (await call(`${OPERATIONS}/WaitOperation`, body, signal)) as OperationJson;
  }

  return {
    async start(work) {
      const operation = await call("longrunning.testing.v1.SimulatorService/SimulateWork", work);
      return (operation as OperationJson).name;
    },
    async watch(name, onSteps) {
      for (let operation = await wait(name, "0s"); ; operation = await wait(name, "0.1s")) {
        onSteps(operation.metadata?.stepsDone ?? 0);
        if (operation.done) return;
      }
    },
    async result(name, signal) {
      for (;;) {
        // Shorter than the 60 s after which many proxies cut a call.
        const operation = await wait(name, "50s", signal);
        if (operation.done) return payloadOf(operation);
      }
    },
    async cancel(name) {
      await call(`${OPERATIONS}/CancelOperation`, JSON.stringify({ name }));
    },
    async list() {
      const page = await call(`${OPERATIONS}/ListOperations`, "{}");
      return listedIn(page as OperationsJson);
    },
    refusalOf,
  };
}

/** The operations of a page. An Any of a type that the server does not know has its bytes in base64. */
export function listedIn({ operations = [] }: OperationsJson): Listed[] {
  return operations.map(({ name, metadata }) =>
    typeof metadata?.["value"] === "string"
      ? { name, foreign: { typeUrl: metadata["@type"], base64: metadata["value"] } }
      : { name },
  );
}
