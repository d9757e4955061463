import { type Agent, request } from "node:http";
import { json } from "node:stream/consumers";
import { type DescMethodUnary, getOption, hasOption, type JsonValue, type Message } from "@bufbuild/protobuf";
import { http } from "../../gen/google/api/annotations_pb.ts";
import { type Binding, bindingsOf } from "../../src/rest/binding.ts";
import type { PathTemplate } from "../../src/rest/path-template.ts";
import { OPERATION_RULES } from "../../src/server/operation-rules.ts";
import { requestOf } from "../rest/rest-client.ts";

/** The status and the JSON that a call by REST is answered with. */
export interface RestAnswer {
  readonly status: number;
  readonly body: JsonValue;
}

/**
 * The first way by which REST can send a message whose `name` is this; undefined where no path can hold the name:
 * `operations/…` and `…/operations/operations` are the names of operations, and a List has them as other paths.
 */
export function bindingFor(method: DescMethodUnary, name: string): Binding | undefined {
  if (method.name === "ListOperations" && /^operations\/|\/operations$/.test(name)) return undefined;
  const selector = `${method.parent.typeName}.${method.name}`;
  const annotated = hasOption(method, http) ? [getOption(method, http)] : [];
  const rules = [...annotated, ...OPERATION_RULES.filter((rule) => rule.selector === selector)];
  return rules
    .flatMap((rule) => bindingsOf(method, rule))
    .find(({ template, pathFields }) => pathFields.length === 0 || holds(template, pathFields[0], name));
}

/** Whether the variable of a template can be this text: `operations/**` can be "operations/a/b". */
function holds(
  template: PathTemplate,
  field: Binding["pathFields"][number] | undefined,
  text: string,
): boolean {
  const pattern = template.segments
    .slice(field?.start, field?.end)
    .map((segment) => (segment.kind === "literal" ? segment.text : segment.kind === "one" ? "[^/]+" : ".+"))
    .join("/");
  return new RegExp(`^${pattern}$`, "s").test(text) && !/^\/|\/$|\/\//.test(text);
}

/** Calls a method as a client of REST does. */
export async function callByRest(
  baseUrl: string,
  agent: Agent,
  binding: Binding,
  message: Message,
): Promise<RestAnswer> {
  const { httpMethod, target, body } = requestOf(binding, message, false);
  // node:http sends a path as it is, where fetch would resolve its dots.
  const call = request(baseUrl, { method: httpMethod, path: target, agent });
  if (body !== undefined) call.setHeader("content-type", "application/json");
  call.end(body);
  return new Promise((resolve, reject) => {
    call.once("error", reject);
    call.once("response", (response) => {
      json(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, body: body as JsonValue }),
        reject,
      );
    });
  });
}
