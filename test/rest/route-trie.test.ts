import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePathTemplate } from "../../src/rest/path-template.ts";
import { RouteTrie } from "../../src/rest/route-trie.ts";
import { type NaiveRoute, naiveFind } from "./naive-matcher.ts";

describe("of several templates", () => {
  it.each([
    ["text goes before *", ["/v1/*", "/v1/a"], "/v1/a", "/v1/a"],
    ["* goes before **", ["/v1/**", "/v1/*"], "/v1/a", "/v1/*"],
    ["** takes what nothing else does", ["/v1/**", "/v1/*"], "/v1/a/b", "/v1/**"],
    ["** may take nothing", ["/v1/a/**"], "/v1/a", "/v1/a/**"],
    ["the one that ends goes before ** that takes nothing", ["/v1/**", "/v1"], "/v1", "/v1"],
    ["the first segment decides before the second", ["/*/b", "/a/*"], "/a/b", "/a/*"],
    ["one that leads nowhere gives way to the next", ["/a/b/c", "/*/b/d"], "/a/b/d", "/*/b/d"],
    ["the one with more behind ** goes first", ["/**", "/**/b", "/**/a/b"], "/x/a/b", "/**/a/b"],
    ["a known verb is a verb", ["/v1/*", "/v1/*:wait"], "/v1/a:wait", "/v1/*:wait"],
    ["an unknown verb is text", ["/v1/*", "/v1/*:wait"], "/v1/a:stop", "/v1/*"],
    ["a verb of another path is text", ["/v1/*", "/v2/*:wait"], "/v1/a:wait", "/v1/*"],
    ["an encoded colon is text", ["/v1/*", "/v1/*:wait"], "/v1/a%3Await", "/v1/*"],
    ["the last colon is the verb's", ["/v1/*", "/v1/*:wait"], "/v1/a:b:wait", "/v1/*:wait"],
    ["encoded text is that text", ["/v1/*", "/v1/a"], "/v1/%61", "/v1/a"],
    ["an encoded slash is within its segment", ["/v1/*", "/v1/a/b"], "/v1/a%2Fb", "/v1/*"],
  ])("%s", (_, templates, path, expected) => {
    expect(foundIn(templates, path)).toBe(expected);
  });

  it("one with the HTTP method goes before one that is nearer", () => {
    const trie = new RouteTrie<string>();
    trie.insert("GET", parsePathTemplate("/a/b"), "GET /a/b");
    trie.insert("POST", parsePathTemplate("/*/b"), "POST /*/b");
    expect(trie.find("POST", "/a/b")).toMatchObject({ target: "POST /*/b" });
  });

  it("one is found as a naive reading finds it, whatever they are", () => {
    fc.assert(
      fc.property(
        fc.array(someRoute, { maxLength: 12 }),
        fc.array(somePath, { maxLength: 8 }),
        (routes, paths) => {
          const trie = new RouteTrie<NaiveRoute>();
          const kept = routes.filter(
            (route) => trie.insert(route.httpMethod, route.template, route) === undefined,
          );
          for (const path of paths) {
            for (const httpMethod of ["GET", "POST", "PUT"]) {
              const match = trie.find(httpMethod, path);
              const found = match?.kind === "found" ? match.target : match?.allowed;
              expect(found, `${httpMethod} ${path}`).toEqual(naiveFind(kept, httpMethod, path));
            }
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("none takes long to be found missing", () => {
    const trie = new RouteTrie<string>();
    for (const text of ["/**/a/*/*/*/*/*/b", "/*/*/*/*/**/*/*/*/c", "/a/**/a/a/a/a/d", "/**"]) {
      trie.insert("GET", parsePathTemplate(text), text);
    }
    expect(trie.find("POST", "/a".repeat(8_000))).toEqual({ kind: "wrongMethod", allowed: ["GET"] });
  });
});

const someSegment = fc.constantFrom("a", "b", "*");

const someRoute: fc.Arbitrary<NaiveRoute> = fc
  .record({
    before: fc.array(someSegment, { maxLength: 3 }),
    rest: fc.constantFrom("**", undefined),
    after: fc.array(someSegment, { maxLength: 3 }),
    verb: fc.constantFrom(undefined, "v", "w"),
    httpMethod: fc.constantFrom("GET", "POST", "*"),
  })
  .filter(({ before, rest, after }) => before.length + after.length > 0 || rest !== undefined)
  .map(({ before, rest, after, verb, httpMethod }) => {
    const segments = [...before, ...(rest === undefined ? [] : [rest]), ...after];
    const text = `/${segments.join("/")}${verb === undefined ? "" : `:${verb}`}`;
    return { httpMethod, template: parsePathTemplate(text) };
  });

const somePath = fc
  .tuple(
    fc.array(fc.constantFrom("a", "b", "c", "%61", "%", "", "a:v", "a:b"), { minLength: 1, maxLength: 6 }),
    fc.constantFrom("", ":v", ":w", ":x", ":%76", ":"),
  )
  .map(([segments, verb]) => `/${segments.join("/")}${verb}`);

function foundIn(templates: readonly string[], path: string): string | undefined {
  const trie = new RouteTrie<string>();
  for (const text of templates) trie.insert("GET", parsePathTemplate(text), text);
  const match = trie.find("GET", path);
  return match?.kind === "found" ? match.target : undefined;
}
