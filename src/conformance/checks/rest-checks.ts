import type { Check } from "../check.ts";
import { codeOfName } from "../code-name.ts";
import { Deviation, NotApplicable } from "../deviation.ts";
import { parentOf } from "../operation-names.ts";
import type { RestRequest } from "../operations-caller.ts";
import type { HttpAnswer } from "../rest/http-answer.ts";
import { shownHttp } from "../rest/http-answer.ts";
import { httpStatusOf } from "../rest/http-code.ts";
import { canonicalJson, listOf, objectOf, stringOf } from "../rest/json-object.ts";
import { collectionPath, pathOf } from "../rest/rest-caller.ts";
import { aip, httpProto, protobuf } from "../source.ts";
import { expectSo, type World } from "../world.ts";

const REST = ["rest"] as const;
const httpErrors = (sentence: string) => aip(193, "HTTP/1.1+JSON representation", sentence);
const jsonSource = (sentence: string) =>
  protobuf("ProtoJSON", "https://protobuf.dev/programming-guides/json/", sentence);
const parameters = protobuf(
  "System parameters",
  "https://cloud.google.com/apis/docs/system-parameters",
  "$alt: Data format for response. $prettyPrint: Returns response with indentations and line breaks.",
);

function send(world: World, request: RestRequest): Promise<HttpAnswer> {
  if (world.caller.send === undefined) throw new NotApplicable("this is asked by REST alone");
  return world.caller.send(request);
}

/** What a GET of an unknown operation is refused with. */
function refused(world: World): Promise<HttpAnswer> {
  return world.once("refused by REST", async () =>
    send(world, { method: "GET", path: pathOf(await world.unknownName()) }),
  );
}

async function expectSuccess(world: World, request: RestRequest, call: string): Promise<HttpAnswer> {
  const http = await send(world, request);
  expectSo(http.status === 200, `${call}: ${shownHttp(http)}`, `${call} answers 200`);
  return http;
}

export const restChecks: readonly Check[] = [
  {
    id: "rest/error-has-its-status",
    sentence: "The HTTP status is that of the error's code",
    level: "must",
    source: httpErrors("The HTTP status code that corresponds to `google.rpc.Status.code`."),
    protocols: REST,
    needs: [],
    async ask(world) {
      const http = await refused(world);
      const code = codeOfName(objectOf(objectOf(http.json)?.["error"])?.["status"]);
      if (code === undefined)
        throw new NotApplicable("the body names no code; rest/error-body tells of that");
      const status = httpStatusOf(code);
      expectSo(http.status === status, `HTTP ${http.status} for ${shownHttp(http)}`, `HTTP ${status}`);
    },
  },
  {
    id: "rest/error-body",
    sentence: 'The body of an error is {"error": {"code", "message", "status", "details"}}',
    level: "must",
    source: httpErrors("The error information is returned in the body of the response, as a JSON object."),
    protocols: REST,
    needs: [],
    async ask(world) {
      const http = await refused(world);
      const error = objectOf(objectOf(http.json)?.["error"]);
      const isWhole =
        error !== undefined &&
        error["code"] === http.status &&
        typeof error["message"] === "string" &&
        codeOfName(error["status"]) !== undefined;
      const expected = `{"error": {"code": ${http.status}, "message": "…", "status": "NOT_FOUND", "details": […]}}`;
      expectSo(isWhole, shownHttp(http), expected);
    },
  },
  {
    id: "rest/answers-are-json",
    sentence: "Answers and errors have the content type application/json",
    level: "must",
    source: aip(
      127,
      "HTTP method and path",
      "The request body is encoded as JSON as defined by protocol buffers' canonical JSON encoding.",
    ),
    protocols: REST,
    needs: [],
    async ask(world) {
      const path = pathOf(await world.anyName());
      for (const http of [await send(world, { method: "GET", path }), await refused(world)]) {
        expectSo(/^application\/json\b/.test(http.contentType), shownHttp(http), "application/json");
      }
    },
  },
  {
    id: "rest/operation-in-proto-json",
    sentence: "An operation is in protobuf's JSON: done is a boolean, and what is packed has an @type",
    level: "must",
    source: jsonSource(
      'If the Any contains a value that has a special JSON mapping, it will be converted as {"@type": xxx, "value": yyy}. Otherwise, the value will be converted into a JSON object, and the "@type" field will be inserted to indicate the actual data type.',
    ),
    protocols: REST,
    needs: ["succeeds"],
    async ask(world) {
      const { name } = await world.ended("succeeds");
      const http = await expectSuccess(
        world,
        { method: "GET", path: pathOf(name) },
        "GET of a done operation",
      );
      const operation = objectOf(http.json);
      expectSo(operation?.["done"] === true, shownHttp(http), '"done": true');
      for (const part of ["metadata", "response"]) {
        const any = operation?.[part];
        if (any === undefined || any === null) continue;
        expectSo(
          stringOf(objectOf(any)?.["@type"]) !== "",
          `"${part}": ${canonicalJson(any)}`,
          `an @type in "${part}"`,
        );
      }
    },
  },
  {
    id: "rest/empty-answer-is-an-object",
    sentence: "An answer without anything in it is {}",
    level: "must",
    source: jsonSource("Empty: {}, an empty JSON object."),
    protocols: REST,
    needs: ["cancel", "lasts"],
    async ask(world) {
      const path = `${pathOf(await world.start("lasts"))}:cancel`;
      const http = await expectSuccess(world, { method: "POST", path, body: "{}" }, "POST …:cancel");
      expectSo(canonicalJson(http.json) === "{}", shownHttp(http), "{}");
    },
  },
  {
    id: "rest/body-may-be-empty",
    sentence: "A cancel without a body is taken, as google-api-core and gax-java send it",
    level: "should",
    source: httpProto("For HTTP methods that allow a request body, the `body` field specifies the mapping."),
    protocols: REST,
    needs: ["cancel", "lasts"],
    async ask(world) {
      const path = `${pathOf(await world.start("lasts"))}:cancel`;
      await expectSuccess(world, { method: "POST", path, body: "" }, "POST …:cancel with an empty body");
    },
  },
  {
    id: "rest/question-mark-may-be-bare",
    sentence: "A ? with nothing behind it is taken, as google-gax sends it",
    level: "should",
    source: httpProto(
      "Any fields in the request message which are not bound by the path template automatically become HTTP query parameters if there is no HTTP request body.",
    ),
    protocols: REST,
    needs: [],
    async ask(world) {
      const path = `${pathOf(await world.anyName())}?`;
      await expectSuccess(world, { method: "GET", path }, "GET with a bare ? at the end");
    },
  },
  {
    id: "rest/takes-system-parameters",
    sentence: "$alt and $prettyPrint are taken, or ignored",
    level: "should",
    source: parameters,
    protocols: REST,
    needs: [],
    async ask(world) {
      const path = `${pathOf(await world.anyName())}?$alt=json%3Benum-encoding%3Dint&$prettyPrint=0`;
      await expectSuccess(world, { method: "GET", path }, "GET with $alt and $prettyPrint");
    },
  },
  {
    id: "rest/query-in-both-spellings",
    sentence: "page_size and pageSize are the same query parameter",
    level: "must",
    source: jsonSource(
      "Parsers accept both the lowerCamelCase name (or the one specified by the json_name option) and the original proto field name.",
    ),
    protocols: REST,
    needs: ["list", "succeeds"],
    async ask(world) {
      const collection = collectionPath(parentOf(await world.start("succeeds")));
      await world.start("succeeds");
      for (const spelling of ["pageSize", "page_size"]) {
        const path = `${collection}?${spelling}=1`;
        const http = await expectSuccess(world, { method: "GET", path }, `GET with ${spelling}=1`);
        const count = listOf(objectOf(http.json)?.["operations"]).length;
        expectSo(count <= 1, `${count} operations with ${spelling}=1`, "at most 1");
      }
    },
  },
  {
    id: "rest/path-is-decoded",
    sentence: "A percent-encoded character of a name is that character",
    level: "must",
    source: httpProto(
      'When such a variable appears in a URL path on the server side, the server does the reverse decoding, except "%2F" and "%2f" are left unchanged.',
    ),
    protocols: REST,
    needs: [],
    async ask(world) {
      const name = await world.anyName();
      const at = name.search(/[A-Za-z0-9][^A-Za-z0-9]*$/);
      const escaped = `%${name.charCodeAt(at).toString(16).toUpperCase()}`;
      const path = pathOf(name.slice(0, at)) + escaped + pathOf(name.slice(at + 1));
      const http = await send(world, { method: "GET", path });
      const found = stringOf(objectOf(http.json)?.["name"]);
      if (found !== name)
        throw new Deviation(`GET of ${path}: ${shownHttp(http)}`, `the operation "${name}"`);
    },
  },
];
