import { describe, expect, it } from "vitest";
import { parsePathTemplate } from "../../src/rest/path-template.ts";

describe("a path template", () => {
  it.each([
    ["/v1/things", "v1 things", undefined, []],
    ["/v1/*/**", "v1 * **", undefined, []],
    ["/v1/{name}", "v1 *", undefined, ["name 1-2"]],
    ["/v1/{name=*}", "v1 *", undefined, ["name 1-2"]],
    ["/v1/{name=things/*}:check", "v1 things *", "check", ["name 1-3"]],
    ["/v1/{a.b.c=x/**}/{d}", "v1 x ** *", undefined, ["a.b.c 1-3", "d 3-4"]],
    ["/{name=**/operations/*}", "** operations *", undefined, ["name 0-3"]],
    ["/v1/{name=operations}", "v1 operations", undefined, ["name 1-2"]],
    ["/v1/a%2Fb%20c:d%2Fe", "v1 a/b c", "d/e", []],
    ["/v1/größe", "v1 größe", undefined, []],
    ["/v1/a,b;c!$&'()+@", "v1 a,b;c!$&'()+@", undefined, []],
    ["/v1:check", "v1", "check", []],
    ["/{name=**}:wait", "**", "wait", ["name 0-1"]],
  ])("%s is read", (text, segments, verb, variables) => {
    const template = parsePathTemplate(text);
    expect([
      template.segments
        .map((segment) => (segment.kind === "literal" ? segment.text : segment.kind === "one" ? "*" : "**"))
        .join(" "),
      template.verb,
      template.variables.map(({ fieldPath, start, end }) => `${fieldPath.join(".")} ${start}-${end}`),
    ]).toEqual([segments, verb, variables]);
  });

  it.each([
    ["", "does not start with a slash"],
    ["v1", "does not start with a slash"],
    ["/", "has an empty segment"],
    ["/v1/", "has an empty segment"],
    ["/v1//x", "has an empty segment"],
    ["/v1/{name=a//b}", "has an empty segment"],
    ["/v1/{name=}", "has an empty segment"],
    ["/v1/{name=/a}", "has an empty segment"],
    ["/v1/{}", 'has the field ""'],
    ["/v1/{a.}", 'has the field "a."'],
    ["/v1/{1a}", 'has the field "1a"'],
    ["/v1/{a-b}", 'has the field "a-b"'],
    ["/v1/{a={b}}", 'has the segment "{b}"'],
    ["/v1/{a", 'has the segment "{a"'],
    ["/v1/a}", 'has the segment "a}"'],
    ["/v1/x{a}", 'has the segment "x{a}"'],
    ["/v1/{a}x", 'has the segment "{a}x"'],
    ["/v1/{a}{b}", 'has the field "a}{b"'],
    ["/v1/***", 'has the segment "***"'],
    ["/v1/a*", 'has the segment "a*"'],
    ["/v1/a b", 'has the segment "a b"'],
    ["/v1/a?b", 'has the segment "a?b"'],
    ["/v1/a#b", 'has the segment "a#b"'],
    ["/v1/a=b", 'has the segment "a=b"'],
    ["/v1/a%2", 'has the segment "a%2"'],
    ["/v1/%ff", 'has "%ff", which is no percent-encoding of UTF-8'],
    ["/v1/a:", 'has the verb ""'],
    ["/v1/a:b:c", 'has the segment "a:b"'],
    ["/v1/a:b/c", 'has the segment "a:b"'],
    ["/v1/a:*", 'has the verb "*"'],
    ["/v1/{a=b:c}", 'has the segment "b:c"'],
    ["/**/**", "has more than one **"],
    ["/{a=**}/{b=**}", "has more than one **"],
    ["/{a}/{a}", 'has the field "a" twice'],
  ])("%s is refused", (text, fault) => {
    expect(() => parsePathTemplate(text)).toThrow(
      new SyntaxError(`path template ${JSON.stringify(text)} ${fault}`),
    );
  });
});
