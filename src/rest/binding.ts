import type { DescField, DescMessage, DescMethod } from "@bufbuild/protobuf";
import type { HttpRule } from "../../gen/google/api/http_pb.ts";
import { fieldsAt } from "./field-path.ts";
import { isSingleSegment, type PathTemplate, parsePathTemplate } from "./path-template.ts";

/** A field of the request that a part of the path is the value of. */
export interface PathField {
  /** As the template names it: `book.name`. */
  readonly name: string;
  /** The field and those around it, outermost first. */
  readonly fields: readonly DescField[];
  readonly start: number;
  readonly end: number;
  /** Whether it is one segment, and is so decoded whole. */
  readonly single: boolean;
}

/** One way in which HTTP reaches a method. */
export interface Binding {
  readonly method: DescMethod;
  /** GET, POST and so on; `*` for every HTTP method. */
  readonly httpMethod: string;
  readonly template: PathTemplate;
  readonly pathFields: readonly PathField[];
  /** What the body is: the whole request but for its path fields, one field of it, or nothing. */
  readonly body: "*" | DescField | undefined;
  /** The field of the response that is the answer's body; undefined where it is the whole response. */
  readonly responseBody: DescField | undefined;
}

/**
 * The bindings of a rule, its additional ones included. Throws a TypeError, which names the method and the rule,
 * where a template is none, or a field is not there or not of a kind that may stand where the rule has it.
 */
export function bindingsOf(method: DescMethod, rule: HttpRule): Binding[] {
  const nested = rule.additionalBindings.find(({ additionalBindings }) => additionalBindings.length > 0);
  if (nested !== undefined) {
    throw ruleFault(method, nested, "is an additional binding and has additional bindings");
  }
  return [rule, ...rule.additionalBindings].map((each) => bindingOf(method, each));
}

function bindingOf(method: DescMethod, rule: HttpRule): Binding {
  const { pattern } = rule;
  if (pattern.case === undefined) throw ruleFault(method, rule, "has no path");
  const custom = pattern.case === "custom";
  const httpMethod = custom ? pattern.value.kind : pattern.case.toUpperCase();
  if (!/^(?:\*|[!#$%&'*+.^_`|~0-9A-Za-z-]+)$/.test(httpMethod)) {
    throw ruleFault(method, rule, `has the HTTP method ${JSON.stringify(httpMethod)}`);
  }
  let template: PathTemplate;
  try {
    template = parsePathTemplate(custom ? pattern.value.path : pattern.value);
  } catch (cause) {
    throw ruleFault(method, rule, cause instanceof Error ? cause.message : String(cause));
  }
  const pathFields = template.variables.map((variable): PathField => {
    const name = variable.fieldPath.join(".");
    const fields = namedFields(method, rule, method.input, variable.fieldPath);
    const leaf = fields.at(-1);
    if (leaf?.fieldKind !== "scalar" && leaf?.fieldKind !== "enum") {
      throw ruleFault(method, rule, `has the field "${name}" in its path, which is ${kindOf(leaf)}`);
    }
    const { start, end } = variable;
    return { name, fields, start, end, single: isSingleSegment(template, variable) };
  });
  checkOneofs(method, rule, pathFields);
  const body =
    rule.body === "" || rule.body === "*" ? rule.body : soleField(method, rule, method.input, rule.body);
  if (
    typeof body === "object" &&
    pathFields.some(({ fields }) => fields.length === 1 && fields[0] === body)
  ) {
    throw ruleFault(method, rule, `has the field "${body.name}" both in its path and as its body`);
  }
  const responseBody =
    rule.responseBody === "" ? undefined : soleField(method, rule, method.output, rule.responseBody);
  return { method, httpMethod, template, pathFields, body: body === "" ? undefined : body, responseBody };
}

function soleField(method: DescMethod, rule: HttpRule, message: DescMessage, name: string): DescField {
  const [field] = namedFields(method, rule, message, [name]);
  if (field === undefined) throw ruleFault(method, rule, `names the field "${name}"`);
  return field;
}

function namedFields(
  method: DescMethod,
  rule: HttpRule,
  message: DescMessage,
  path: readonly string[],
): DescField[] {
  try {
    return fieldsAt(message, path);
  } catch (cause) {
    throw ruleFault(method, rule, `names the field "${path.join(".")}", which ${messageOf(cause)}`);
  }
}

/** Two fields of one oneof could not both have a value. */
function checkOneofs(method: DescMethod, rule: HttpRule, pathFields: readonly PathField[]): void {
  const members = new Map<string, DescField>();
  for (const { fields } of pathFields) {
    let path = "";
    for (const field of fields) {
      if (field.oneof !== undefined) {
        const key = `${path}${field.oneof.name}`;
        const other = members.get(key);
        if (other !== undefined && other !== field) {
          throw ruleFault(method, rule, `has "${other.name}" and "${field.name}" of one oneof in its path`);
        }
        members.set(key, field);
      }
      path += `${field.name}.`;
    }
  }
}

function kindOf(field: DescField | undefined): string {
  if (field?.fieldKind === "message") return `a message, ${field.message.typeName}`;
  return field?.fieldKind === "map" ? "a map" : "repeated";
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function ruleFault(method: DescMethod, rule: HttpRule, what: string): TypeError {
  const { pattern } = rule;
  const shown =
    pattern.case === "custom"
      ? `${pattern.value.kind} ${pattern.value.path}`
      : `${pattern.case ?? "no method"} ${pattern.value ?? ""}`;
  return new TypeError(`the HTTP rule "${shown}" of ${method.parent.typeName}.${method.name} ${what}`);
}
