import type { Header } from "../call.ts";
import { asked, type Topic } from "../topic.ts";
import { CALL, LOOK } from "../ways.ts";

const CONTENT_TYPES = [
  ...[
    "application/grpc",
    "application/grpc+proto",
    "application/grpc+json",
    "application/grpc+json; charset=utf-8",
  ],
  ...["application/grpc+thrift", "application/grpc;", "application/grpc; charset=utf-8", "application/grpcx"],
  ...["application/grpc-web", "application/grpc-web+proto", "application/grpc-web+json"],
  ...[
    "application/grpc-web-text",
    "application/grpc-web-text+proto",
    "application/grpc-web+json;charset=utf8",
  ],
  ...[
    "application/proto",
    "application/json",
    "application/json; charset=utf-8",
    "application/json;charset=UTF8",
  ],
  ...["application/json; charset=utf-16", "application/json;  charset=utf-8", "application/json; a=b"],
  ...[
    "application/connect+proto",
    "application/connect+json",
    "application/connect+",
    "application/x-protobuf",
  ],
  ...["Application/JSON", "APPLICATION/PROTO", "Application/GRPC", "application/GRPC-Web+Proto"],
  ...[
    "text/plain",
    "text/html",
    "json",
    "",
    " ",
    "*/*",
    "application/json, application/json",
    "application/proto ",
  ],
  ...["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"],
];

/** What a request says its body is; the body is that of another way mostly. */
export const contentTypes: Topic = {
  name: "a content type",
  cases: [
    ...CONTENT_TYPES.map((contentType) => asked(`"${contentType}"`, { text: "a" }, { contentType })),
    asked("none", { text: "a" }, { contentType: undefined }),
  ],
};

const METHODS = ["GET", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH", "REPORT", "post"];

const PATHS = [
  ...[`${CALL}/`, `${CALL}//`, `/${CALL}`, CALL.toLowerCase(), `${CALL}?`, `${CALL}?a=b`, `${CALL}?a=b?c=d`],
  ...[
    `${CALL}#a`,
    `${CALL}%20`,
    `${CALL};a`,
    CALL.replace("Call", "%43all"),
    CALL.replace("Call", "None"),
    "/",
  ],
  ...[
    "/probe.v1.ProbeService",
    "/probe.v1.ProbeService/",
    "/probe.v1.None/Call",
    "/prefix/probe.v1.ProbeService/Call",
  ],
  ...[
    "/google.longrunning.Operations/None",
    "/a/../probe.v1.ProbeService/Call",
    `${CALL}?connect=v1&encoding=json`,
  ],
  ...["/__proto__", "/constructor", "/toString", `${CALL}?${"q".repeat(4_000)}`],
];

/** How and where a request is sent. */
export const targets: Topic = {
  name: "a request's method and path",
  cases: [
    ...METHODS.map((method) => asked(`${method} with a body`, { text: "a" }, { method })),
    ...METHODS.map((method) => asked(`${method} without a body`, {}, { method, steps: ["end"] })),
    ...METHODS.map((method) =>
      asked(`${method} of a method without side effects`, {}, { method, path: LOOK }),
    ),
    ...PATHS.map((path) => asked(`the path "${path.slice(0, 60)}"`, { text: "a" }, { path })),
  ],
};

const message = (json: string) => encodeURIComponent(json);
const base64 = (bytes: string) => Buffer.from(bytes, "latin1").toString("base64url");

const QUERIES = [
  `?connect=v1&encoding=json&message=${message('{"text":"a"}')}`,
  `?encoding=json&message=${message('{"text":"a"}')}`,
  `?connect=v2&encoding=json&message=${message('{"text":"a"}')}`,
  `?connect=v1&encoding=proto&base64=1&message=${base64("\x1a\x01a")}`,
  `?connect=v1&encoding=proto&base64=1&message=`,
  `?connect=v1&encoding=proto&base64=1`,
  `?connect=v1&encoding=proto&base64=1&message=!!!`,
  `?connect=v1&encoding=proto&message=%1a%01a`,
  `?connect=v1&encoding=json&message=${message("{")}`,
  `?connect=v1&encoding=json&message=`,
  `?connect=v1&encoding=json&compression=gzip&base64=1&message=${base64("no gzip")}`,
  `?connect=v1&encoding=json&compression=br&message=${message("{}")}`,
  `?connect=v1&encoding=json&compression=identity&message=${message("{}")}`,
  `?connect=v1&encoding=text&message=a`,
  `?connect=v1&message=a`,
  `?connect=v1&encoding=json&message=${message('{"behaviour":"throws a ConnectError with metadata"}')}`,
  `?connect=v1&encoding=json&message=${message('{"behaviour":"headers and trailers"}')}`,
  `?encoding=json&encoding=proto&message=${message("{}")}`,
  "?",
  "",
];

const TIMEOUT: Header = ["connect-timeout-ms", "5000"];

/** Connect's way to call methods without side effects. */
export const gets: Topic = {
  name: "GET of a method",
  cases: QUERIES.flatMap((query) => [
    asked(`without side effects: ${query}`, {}, { method: "GET", path: LOOK + query, steps: ["end"] }),
    asked(
      `without side effects, without a content type: ${query}`,
      {},
      { method: "GET", path: LOOK + query, steps: ["end"], contentType: undefined, headers: [TIMEOUT] },
    ),
    asked(
      `that may have side effects: ${query}`,
      {},
      { method: "GET", path: CALL + query, steps: ["end"], contentType: undefined },
    ),
  ]),
};
