// The six calls of an operation's life in JSON, by Connect's protocol and by REST, over whatever can `send`.

/** A call that the server refused, with the code of google.rpc.Code and the details. */
export class Refusal extends Error {
  constructor(code, message, details) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

const CODES = { not_found: 5, NOT_FOUND: 5, deadline_exceeded: 4, DEADLINE_EXCEEDED: 4 };

const connectRefusal = ({ code, message, details = [] }) =>
  new Refusal(
    CODES[code],
    message,
    details.map(({ debug, type }) => ({ ...debug, "@type": type })),
  );

const restRefusal = ({ error }) => new Refusal(CODES[error.status], error.message, error.details);

/** Connect's unary protocol: https://connectrpc.com/docs/protocol#unary-request */
export function connectCalls(send) {
  const call = async (procedure, message, { timeoutMs } = {}) => {
    const { status, json } = await send({
      method: "POST",
      path: `/${procedure}`,
      headers: timeoutMs === undefined ? {} : { "connect-timeout-ms": String(timeoutMs) },
      json: message,
      timeoutMs,
    });
    if (status !== 200) throw connectRefusal(json);
    return json;
  };
  return rpcCalls(call);
}

/** The methods themselves, over whatever can call one by its path. */
export function rpcCalls(call) {
  const operations = (method) => `google.longrunning.Operations/${method}`;
  return {
    start: (work) => call("longrunning.testing.v1.SimulatorService/SimulateWork", work),
    get: (name) => call(operations("GetOperation"), { name }),
    wait: (name, timeout, limit) =>
      call(operations("WaitOperation"), timeout === undefined ? { name } : { name, timeout }, limit),
    cancel: (name) => call(operations("CancelOperation"), { name }),
    delete: (name) => call(operations("DeleteOperation"), { name }),
    list: (name, pageSize, pageToken = "") =>
      call(operations("ListOperations"), { name, pageSize, pageToken }),
  };
}

/** Google's REST, by the annotations of the methods (AIP-127). */
export function restCalls(send) {
  const call = async (method, path, json, timeoutMs) => {
    const headers = timeoutMs === undefined ? {} : { "x-server-timeout": String(timeoutMs / 1_000) };
    const answer = await send({ method, path, headers, json, timeoutMs });
    if (answer.status !== 200) throw restRefusal(answer.json);
    return answer.json;
  };
  return {
    start: (work) => call("POST", "/v1/simulator:simulateWork", work),
    get: (name) => call("GET", `/v1/${name}`),
    wait: (name, timeout, { timeoutMs } = {}) =>
      call("POST", `/v1/${name}:wait`, timeout === undefined ? {} : { timeout }, timeoutMs),
    cancel: (name) => call("POST", `/v1/${name}:cancel`),
    delete: (name) => call("DELETE", `/v1/${name}`),
    list: (name, pageSize, pageToken = "") =>
      call("GET", `/v1/${name}/operations?pageSize=${pageSize}&pageToken=${encodeURIComponent(pageToken)}`),
  };
}
