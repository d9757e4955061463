// fetch, with JSON by Connect's protocol or by REST: node main.js json|rest URL
import { show } from "../show.js";
import { connectCalls, restCalls } from "./calls.js";

const [, , protocol, url] = process.argv;
const calls = protocol === "rest" ? restCalls(send) : connectCalls(send);

/** Sends a request and answers the status and the JSON of what came back. */
async function send({ method, path, headers = {}, json, timeoutMs }) {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: json === undefined ? headers : { "content-type": "application/json", ...headers },
    body: json === undefined ? undefined : JSON.stringify(json),
    signal: timeoutMs === undefined ? null : AbortSignal.timeout(timeoutMs),
  });
  return { status: response.status, json: await response.json() };
}

await show(calls);
