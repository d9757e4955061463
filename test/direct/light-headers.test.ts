import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { LightHeaders } from "../../src/direct/light-headers.ts";

const GIVEN = {
  ":path": "/a.B/C",
  "content-length": "2",
  "set-cookie": ["a=1", "b=2"],
  "x-blank": " a ",
  "x-empty": "",
  "x-many": "a, b",
};

function headers(): Headers {
  return new LightHeaders({ given: () => GIVEN }, ["content-length"]);
}

/** The same headers, as the web makes them. */
function made(): Headers {
  return new Headers([
    ["set-cookie", "a=1"],
    ["set-cookie", "b=2"],
    ["x-blank", " a "],
    ["x-empty", ""],
    ["x-many", "a, b"],
  ]);
}

describe("headers that are made when they are needed", () => {
  it.each<[string, (headers: Headers) => unknown]>([
    ["get", (headers) => headers.get("x-many")],
    ["get by another case", (headers) => headers.get("X-Many")],
    ["get blanks", (headers) => headers.get("x-blank")],
    ["get nothing", (headers) => headers.get("x-empty")],
    ["get what is missing", (headers) => headers.get("x-none")],
    ["get what objects have", (headers) => headers.get("constructor")],
    ["get what is hidden", (headers) => [headers.get("content-length"), headers.has("content-length")]],
    ["get what HTTP/2 has for itself", (headers) => [...headers.keys()]],
    ["get what comes twice", (headers) => [headers.get("set-cookie"), headers.getSetCookie()]],
    ["has", (headers) => ["x-many", "X-EMPTY", "x-none", "set-cookie"].map((name) => headers.has(name))],
    ["append", (headers) => [headers.append("x-many", "c"), headers.get("x-many")]],
    ["set", (headers) => [headers.set("x-many", "c"), headers.get("x-many")]],
    ["delete", (headers) => [headers.delete("x-many"), headers.get("x-many"), headers.has("x-many")]],
    ["entries", (headers) => [...headers.entries()]],
    ["values", (headers) => [...headers.values()]],
    ["a loop", (headers) => Array.from(headers)],
    [
      "forEach",
      (headers) => {
        const seen: unknown[] = [];
        headers.forEach((value, name) => void seen.push(name, value));
        return seen;
      },
    ],
    ["a copy", (headers) => [...new Headers(headers)]],
    ["a request", (headers) => [...new Request("http://a.test", { headers }).headers]],
  ])("are the same by %s", (_, look) => {
    expect(look(headers())).toEqual(look(made()));
  });

  it("are Headers, and are shown as such", () => {
    expect(headers()).toBeInstanceOf(Headers);
    expect(inspect(headers())).toContain("x-many");
  });

  it.each(["", "a b", "ä"])("refuse %j for a name as the web does", (name) => {
    expect(() => headers().get(name)).toThrow(TypeError);
  });

  it("leave what they were made of as it is", () => {
    const light = headers();
    light.set("x-many", "c");
    light.delete("x-empty");
    expect([GIVEN["x-many"], GIVEN["x-empty"]]).toEqual(["a, b", ""]);
  });
});
