import type { Answer, Refusal } from "../answer.ts";
import type {
  CallOptions,
  ListRequest,
  OperationsCaller,
  Page,
  RestRequest,
  WaitTimeout,
} from "../operations-caller.ts";
import { type CallSettings, gaveUp } from "../rpc-caller.ts";
import { type SeenOperation, seenInJson } from "../seen-operation.ts";
import { durationInJson } from "./duration-json.ts";
import type { HttpAnswer } from "./http-answer.ts";
import { listOf, objectOf, stringOf } from "./json-object.ts";
import { refusalInHttp, unreadable } from "./rest-refusal.ts";

/** Calls by REST, below an address such as `http://127.0.0.1:8080/v1`. */
export function restCaller(root: string, settings: CallSettings): OperationsCaller {
  const call = <Value>(
    request: RestRequest,
    read: (http: HttpAnswer) => Value | undefined,
    options?: CallOptions,
  ) => restAnswer(root, request, read, settings, options);
  return {
    protocol: "rest",
    get: (name, options) => call({ method: "GET", path: pathOf(name) }, operationIn, options),
    wait: (name, timeout, options) =>
      call({ method: "POST", path: `${pathOf(name)}:wait`, body: waitBody(timeout) }, operationIn, options),
    cancel: (name, options) =>
      call({ method: "POST", path: `${pathOf(name)}:cancel`, body: "{}" }, anything, options).then(
        withoutValue,
      ),
    delete: (name, options) =>
      call({ method: "DELETE", path: pathOf(name) }, anything, options).then(withoutValue),
    list: (request, options) =>
      call({ method: "GET", path: listPath(settings.parent(), request) }, pageIn, options),
    send: (request) => send(root, request, settings),
  };
}

/** One call by REST, and what came of it. */
export async function restAnswer<Value>(
  root: string,
  request: RestRequest,
  read: (http: HttpAnswer) => Value | undefined,
  settings: CallSettings,
  options: CallOptions = {},
): Promise<Answer<Value>> {
  const { clock, note, patienceMs } = settings;
  const startedMs = clock.monotonicMs();
  const http = await send(root, request, settings, options).catch((error: unknown) =>
    refusalOfFetch(error, patienceMs),
  );
  const tookMs = clock.monotonicMs() - startedMs;
  const answer =
    "status" in http ? readAnswer(http, read, tookMs) : { ok: false as const, refusal: http, tookMs };
  note(answer, options.isProbe ?? false);
  return answer;
}

function readAnswer<Value>(
  http: HttpAnswer,
  read: (http: HttpAnswer) => Value | undefined,
  tookMs: number,
): Answer<Value> {
  if (http.status < 200 || http.status > 299)
    return { ok: false, refusal: refusalInHttp(http), tookMs, http };
  const value = read(http);
  if (value === undefined) return { ok: false, refusal: unreadable(http), tookMs, http };
  return { ok: true, value, tookMs, http };
}

function refusalOfFetch(error: unknown, patienceMs: number): Refusal {
  if (error instanceof DOMException) return gaveUp(patienceMs);
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return {
    ...gaveUp(patienceMs),
    message: `no answer: ${error instanceof Error ? error.message : error}${cause}`,
  };
}

async function send(
  root: string,
  { method, path, body }: RestRequest,
  { headers, patienceMs }: CallSettings,
  { signal, anonymous = false }: CallOptions = {},
): Promise<HttpAnswer> {
  const patience = AbortSignal.timeout(patienceMs);
  const response = await fetch(`${root}/${path}`, {
    method,
    headers: {
      ...(!anonymous && headers),
      ...(body !== undefined && body !== "" && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body }),
    signal: signal === undefined ? patience : AbortSignal.any([patience, signal]),
  });
  const text = await response.text();
  const contentType = response.headers.get("content-type") ?? "";
  return { status: response.status, contentType, text, json: parsed(text) };
}

function parsed(text: string): HttpAnswer["json"] {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function operationIn({ json }: HttpAnswer): SeenOperation | undefined {
  return seenInJson(json);
}

function pageIn({ json }: HttpAnswer): Page | undefined {
  const page = objectOf(json);
  if (page === undefined) return undefined;
  const operations = listOf(page["operations"]).flatMap((one) => seenInJson(one) ?? []);
  return { operations, nextPageToken: stringOf(page["nextPageToken"]) };
}

/** A name in a path: its slashes stay. */
export function pathOf(name: string): string {
  return name.split("/").map(encodeURIComponent).join("/");
}

function waitBody(timeout: WaitTimeout | undefined): string {
  return JSON.stringify(timeout === undefined ? {} : { timeout: durationInJson(timeout) });
}

function listPath(parent: string, request: ListRequest): string {
  const { pageSize, pageToken, filter, returnPartialSuccess } = request;
  const query = new URLSearchParams({
    ...(pageSize !== undefined && { pageSize: String(pageSize) }),
    ...(pageToken !== undefined && { pageToken }),
    ...(filter !== undefined && { filter }),
    ...(returnPartialSuccess !== undefined && { returnPartialSuccess: String(returnPartialSuccess) }),
  });
  return `${collectionPath(parent)}${query.size > 0 ? `?${query}` : ""}`;
}

/** Where a collection is listed: a parent is followed by its collection, which may be what is named already. */
export function collectionPath(parent: string): string {
  if (parent === "" || parent === "operations") return "operations";
  return parent.endsWith("/operations") ? pathOf(parent) : `${pathOf(parent)}/operations`;
}

function anything(): true {
  return true;
}

function withoutValue(answer: Answer<true>): Answer<void> {
  return answer.ok ? { ...answer, value: undefined } : answer;
}
