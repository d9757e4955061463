import type { Header } from "../call.ts";
import { asked, type Topic } from "../topic.ts";

const METADATA: Readonly<Record<string, readonly Header[]>> = {
  "a header": [["x-one", "1"]],
  "a header in capitals": [["X-Capital-Name", "Value"]],
  "a header twice": [
    ["x-twice", "1"],
    ["x-twice", "2"],
  ],
  "a header thrice, among others": [
    ["x-thrice", "1"],
    ["x-other", "o"],
    ["x-thrice", "2"],
    ["X-Thrice", "3"],
  ],
  "an empty header": [["x-empty", ""]],
  "a header with blanks": [["x-blanks", "a  b\tc"]],
  "a header with commas": [["x-commas", "a, b,c"]],
  "a long header": [["x-long", "v".repeat(8_000)]],
  "many headers": Array.from({ length: 60 }, (_, i): Header => [`x-${i}`, `${i}`]),
  "a binary header with padding": [["x-some-bin", "AAEC/w=="]],
  "a binary header without padding": [["x-some-bin", "AAEC/w"]],
  "a binary header of base64url": [["x-some-bin", "_-8"]],
  "a binary header twice": [
    ["x-some-bin", "AAEC"],
    ["x-some-bin", "AwQF"],
  ],
  "a binary header that is no base64": [["x-some-bin", "!!!!"]],
  "a binary header of one character": [["x-some-bin", "A"]],
  "an empty binary header": [["x-some-bin", ""]],
  "a header in Latin-1": [["x-latin", "gr\u00fc\u00dfe"]],
  cookies: [
    ["cookie", "a=1"],
    ["cookie", "b=2"],
  ],
  "set-cookie": [["set-cookie", "a=1"]],
  "a user agent": [["user-agent", "probe/1.0"]],
  "headers of which there is one": [
    ["user-agent", "one"],
    ["from", "a@b"],
    ["referer", "http://a/"],
    ["authorization", "Bearer a"],
    ["max-forwards", "1"],
  ],
  "headers of the answer": [
    ["grpc-status", "5"],
    ["grpc-message", "own"],
    ["trailer-own", "own"],
    ["grpc-status-details-bin", "AAAA"],
  ],
  "reserved names": [
    ["grpc-own", "1"],
    ["connect-own", "1"],
    ["grpc-message-type", "a.B"],
    ["grpc-timeout-own", "1"],
  ],
  "names of objects": [
    ["__proto__", "1"],
    ["constructor", "2"],
    ["tostring", "3"],
  ],
  "headers of proxies": [
    ["x-forwarded-for", "1.2.3.4"],
    ["forwarded", "for=1.2.3.4"],
    ["x-forwarded-host", "a.test"],
  ],
  "an origin": [["origin", "http://page.test"]],
  "an expectation that is none": [["x-expect", "100-continue"]],
  "no version of Connect": [["connect-protocol-version", ""]],
  "version 1 of Connect": [["connect-protocol-version", "1"]],
  "version 2 of Connect": [["connect-protocol-version", "2"]],
  "two versions of Connect": [["connect-protocol-version", "1, 1"]],
};

/** What a client sends beside its message. */
export const metadata: Topic = {
  name: "a request with",
  cases: [
    ...Object.entries(METADATA).map(([name, headers]) => asked(name, { text: "a" }, { headers })),
    ...Object.entries(METADATA).map(([name, headers]) =>
      asked(`${name}, of a handler that looks when all is over`, { text: "a", glance: "late" }, { headers }),
    ),
  ],
};

const VERSIONS = Object.entries(METADATA).filter(([name]) => name.includes("of Connect"));

/** A server that wants clients of Connect to say so. */
export const versions: Topic = {
  name: "where Connect's clients must tell their version, a request with",
  setup: { connect: () => ({ requireConnectProtocolHeader: true }) },
  cases: [
    asked("none", { text: "a" }),
    ...VERSIONS.map(([name, headers]) => asked(name, { text: "a" }, { headers })),
    asked(
      "a version, and a body that is none",
      {},
      { headers: [["connect-protocol-version", "1"]], steps: ["end"] },
    ),
  ],
};
