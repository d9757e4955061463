import { letter, type Topic } from "../topic.ts";
import { CALL, LOOK } from "../ways.ts";

const JSON_A = '{"text":"a"}';
const post = (...lines: readonly string[]) => [`POST ${CALL} HTTP/1.1`, "Host: probe.test", ...lines];
const json = ["Content-Type: application/json"];
const call = post(...json, `Content-Length: ${JSON_A.length}`, "", JSON_A);
const get = [`GET ${LOOK}?connect=v1&encoding=json&message={} HTTP/1.1`, "Host: probe.test", "", ""];

/** What only HTTP/1 has. */
export const http1: Topic = {
  name: "over HTTP/1, to the letter",
  cases: [
    letter("a call", ["POST"], ...call),
    letter("two calls at once", ["POST", "POST"], call.join("\n") + call.join("\n")),
    letter("five calls at once", Array(5).fill("POST"), call.join("\n").repeat(5)),
    letter(
      "a call, a GET and a call at once",
      ["POST", "GET", "POST"],
      call.join("\n") + get.join("\n") + call.join("\n"),
    ),
    letter(
      "a slow call, and a fast one behind it",
      ["POST", "POST"],
      `${post(...json, "Content-Length: 28", "", '{"behaviour":"echo, later" }').join("\n")}${call.join("\n")}`,
    ),
    letter(
      "a call that is refused, and one behind it",
      ["POST", "POST"],
      `${post(...json, "Content-Length: 1", "", "{").join("\n")}${call.join("\n")}`,
    ),
    letter(
      "a call of an unknown content type, and one behind it",
      ["POST", "POST"],
      `${post("Content-Type: text/plain", "Content-Length: 5", "", "hello").join("\n")}${call.join("\n")}`,
    ),
    letter(
      "Connection: close",
      ["POST"],
      ...post(...json, "Connection: close", "Content-Length: 2", "", "{}"),
    ),
    letter(
      "Connection: keep-alive",
      ["POST"],
      ...post(...json, "Connection: keep-alive", "Content-Length: 2", "", "{}"),
    ),
    letter(
      "Connection: upgrade",
      ["POST"],
      ...post(...json, "Connection: x-own", "X-Own: a", "Content-Length: 2", "", "{}"),
    ),
    letter(
      "HTTP/1.0",
      ["POST"],
      `POST ${CALL} HTTP/1.0`,
      "Host: probe.test",
      ...json,
      "Content-Length: 2",
      "",
      "{}",
    ),
    letter(
      "HTTP/1.0 that is kept alive",
      ["POST"],
      `POST ${CALL} HTTP/1.0`,
      "Host: probe.test",
      "Connection: keep-alive",
      ...json,
      "Content-Length: 2",
      "",
      "{}",
    ),
    letter(
      "gRPC-Web over HTTP/1.0",
      ["POST"],
      `POST ${CALL} HTTP/1.0`,
      "Host: probe.test",
      "Content-Type: application/grpc-web+json",
      "Content-Length: 7",
      "",
      "\0\0\0\0\x02{}",
    ),
    letter(
      "Expect: 100-continue",
      ["POST"],
      ...post(...json, "Expect: 100-continue", "Content-Length: 2", "", "{}"),
    ),
    letter(
      "Expect: something else",
      ["POST"],
      ...post(...json, "Expect: tea", "Content-Length: 2", "", "{}"),
    ),
    letter("a call without a length", ["POST"], ...post(...json, "", "")),
    letter(
      "two lengths that are the same",
      ["POST"],
      ...post(...json, "Content-Length: 2", "Content-Length: 2", "", "{}"),
    ),
    letter("two lengths", ["POST"], ...post(...json, "Content-Length: 2", "Content-Length: 3", "", "{}")),
    letter("a length that is none", ["POST"], ...post(...json, "Content-Length: two", "", "{}")),
    letter(
      "a length, and chunks",
      ["POST"],
      ...post(...json, "Content-Length: 2", "Transfer-Encoding: chunked", "", "2", "{}", "0", "", ""),
    ),
    letter(
      "chunks with trailers",
      ["POST"],
      ...post(...json, "Transfer-Encoding: chunked", "", "2", "{}", "0", "X-T: a", "", ""),
    ),
    letter(
      "a chunk that is none",
      ["POST"],
      ...post(...json, "Transfer-Encoding: chunked", "", "zz", "{}", "0", "", ""),
    ),
    letter(
      "chunks with extensions",
      ["POST"],
      ...post(...json, "Transfer-Encoding: chunked", "", "2;a=b", "{}", "0", "", ""),
    ),
    letter(
      "two content types",
      ["POST"],
      ...post(...json, "Content-Type: application/grpc", "Content-Length: 2", "", "{}"),
    ),
    letter(
      "a header of two lines",
      ["POST"],
      ...post(...json, "X-Two: a", " b", "Content-Length: 2", "", "{}"),
    ),
    letter(
      "header names of any case",
      ["POST"],
      ...post("CONTENT-TYPE: application/json", "cOnTeNt-LeNgTh: 2", "X-MiXeD: A", "", "{}"),
    ),
    letter(
      "a target with its host",
      ["POST"],
      `POST http://probe.test${CALL} HTTP/1.1`,
      "Host: probe.test",
      ...json,
      "Content-Length: 2",
      "",
      "{}",
    ),
    letter(
      "a host with a port",
      ["POST"],
      `POST ${CALL} HTTP/1.1`,
      "Host: probe.test:8080",
      ...json,
      "Content-Length: 2",
      "",
      "{}",
    ),
    letter(
      "a GET with a body",
      ["GET"],
      `GET ${LOOK}?connect=v1&encoding=json&message={} HTTP/1.1`,
      "Host: probe.test",
      "Content-Length: 2",
      "",
      "{}",
    ),
    letter("HEAD", ["HEAD", "POST"], `HEAD ${CALL} HTTP/1.1\nHost: probe.test\n\n${call.join("\n")}`),
  ],
};

/** Hosts that a URL cannot have. Connect's adapter would throw, and end the process with it. */
export const hosts: Topic = {
  name: "over HTTP/1, a host",
  only: "by serve",
  cases: ["", "[", "a b", "a/b", "probe.test:99999", "ü", "%"].map((host) =>
    letter(
      `"${host}"`,
      ["POST"],
      `POST ${CALL} HTTP/1.1`,
      `Host: ${host}`,
      ...json,
      "Content-Length: 2",
      "",
      "{}",
    ),
  ),
};
