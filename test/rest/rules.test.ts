import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type ConnectRouterOptions, createConnectRouter } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { HttpRuleSchema } from "../../gen/google/api/http_pb.ts";
import { createRestHandler, type RestHandler } from "../../src/rest/rest-handler.ts";
import { EchoService } from "./gen/echo/v1/echo_pb.ts";

type Rule = MessageInitShape<typeof HttpRuleSchema>;

describe("HTTP rules", () => {
  it("are refused where two methods have the same path", () => {
    const { handlers } = echoRouter();
    expect(() => createRestHandler([...handlers, ...handlers])).toThrow(
      "echo.v1.EchoService.GetThing (/v1/{name=things/*}) and echo.v1.EchoService.GetThing (/v1/{name=things/*}) have the same path for GET",
    );
  });

  it("are refused where the same path is given to two methods", () => {
    const paths = ["echo.v1.EchoService.Hidden", "echo.v1.EchoService.GetThing"].map((selector) => ({
      ...get("/v2/{name}"),
      selector,
    }));
    expect(() => withRules(...paths)).toThrow(
      "echo.v1.EchoService.Hidden (/v2/{name}) and echo.v1.EchoService.GetThing (/v2/{name}) have the same path for GET",
    );
  });

  it("give way to an annotation with the same path", () => {
    const rest = withRules(get("/v1/{name=things/*}"));
    expect(rest.bindings.filter(({ method }) => method.name === "Hidden")).toEqual([]);
  });

  it("may be given beside annotations", () => {
    const rest = withRules(get("/v2/{name}"));
    expect(rest.find("GET", "/v2/x")).toBeTypeOf("function");
  });

  it("pass over an annotated method with a stream of requests", () => {
    expect(withRules().find("POST", "/v1/things:upload")).toBeUndefined();
  });

  it.each<[string, Rule]>([
    ['path template "v2" does not start with a slash', get("v2")],
    ['names the field "nome", which is not in echo.v1.Thing', get("/v2/{nome}")],
    ['names the field "displayName", which is not in echo.v1.Thing', get("/v2/{displayName}")],
    ['names the field "part.nome", which is not in echo.v1.Part', get("/v2/{part.nome}")],
    ['names the field "name.x", which is below "name", which is no single message', get("/v2/{name.x}")],
    [
      'names the field "parts.name", which is below "parts", which is no single message',
      get("/v2/{parts.name}"),
    ],
    ['has the field "tags" in its path, which is repeated', get("/v2/{tags}")],
    ['has the field "labels" in its path, which is a map', get("/v2/{labels}")],
    ['has the field "part" in its path, which is a message, echo.v1.Part', get("/v2/{part}")],
    [
      'has the field "create_time" in its path, which is a message, google.protobuf.Timestamp',
      get("/v2/{create_time}"),
    ],
    ['has "one" and "other" of one oneof in its path', get("/v2/{one}/{other}")],
    ['names the field "nome", which is not in echo.v1.Thing', { ...get("/v2"), body: "nome" }],
    ['names the field "part.name", which is not in echo.v1.Thing', { ...get("/v2"), body: "part.name" }],
    ['has the field "name" both in its path and as its body', { ...get("/v2/{name}"), body: "name" }],
    ['names the field "nome", which is not in echo.v1.Thing', { ...get("/v2"), responseBody: "nome" }],
  ])("are refused: %s", (fault, rule) => {
    expect(() => withRules(rule)).toThrow(
      new TypeError(`the HTTP rule "get ${rule.pattern?.value}" of echo.v1.EchoService.Hidden ${fault}`),
    );
  });

  it("are refused without a path", () => {
    expect(() => withRules({ body: "*" })).toThrow(
      'the HTTP rule "no method " of echo.v1.EchoService.Hidden has no path',
    );
  });

  it("are refused with an HTTP method that is none", () => {
    const rule: Rule = { pattern: { case: "custom", value: { kind: "GE T", path: "/v2" } } };
    expect(() => withRules(rule)).toThrow(
      'the HTTP rule "GE T /v2" of echo.v1.EchoService.Hidden has the HTTP method "GE T"',
    );
  });

  it("are refused where they are nested twice", () => {
    const inner = create(HttpRuleSchema, get("/v4"));
    const outer = create(HttpRuleSchema, { ...get("/v3"), additionalBindings: [inner] });
    expect(() => withRules({ ...get("/v2"), additionalBindings: [outer] })).toThrow(
      'the HTTP rule "get /v3" of echo.v1.EchoService.Hidden is an additional binding and has additional bindings',
    );
  });

  it("are refused for a method that is not mounted", () => {
    expect(() => withRules({ ...get("/v2"), selector: "echo.v1.EchoService.Gone" })).toThrow(
      "an HTTP rule is for echo.v1.EchoService.Gone, which is not mounted",
    );
  });

  it("are refused for a method with a stream of requests", () => {
    expect(() => withRules({ ...get("/v2"), selector: "echo.v1.EchoService.UploadThings" })).toThrow(
      "an HTTP rule is for echo.v1.EchoService.UploadThings, which has a stream of requests",
    );
  });

  it("are refused where Connect's protocol is off", () => {
    expect(() => createRestHandler(echoRouter({ connect: false }).handlers)).toThrow(
      "echo.v1.EchoService.GetThing has an HTTP rule, and is not mounted for Connect's protocol, which REST needs",
    );
  });

  it("meet a path in the form that the server gives it", () => {
    const rewritePath = (path: string) => path.replace(/^\/old\//, "/v1/");
    expect(
      createRestHandler(echoRouter().handlers, { rewritePath }).find("GET", "/old/things/a?x=1"),
    ).toBeTypeOf("function");
  });
});

function get(path: string): Rule {
  return { pattern: { case: "get", value: path } };
}

function echoRouter(options?: ConnectRouterOptions) {
  return createConnectRouter(options).service(EchoService, {});
}

/** Serves EchoService with these rules besides; those without a selector are for the method without an annotation. */
function withRules(...rules: readonly Rule[]): RestHandler {
  return createRestHandler(echoRouter().handlers, {
    rules: rules.map((rule) => create(HttpRuleSchema, { selector: "echo.v1.EchoService.Hidden", ...rule })),
  });
}
