import type { Parameter } from "./query.ts";
import { invalidParameter } from "./refusal.ts";

/** What the query says of the form of the answer, whatever the method (Google's system parameters). */
export interface AnswerForm {
  /** Enums as numbers (`alt=json;enum-encoding=int`). */
  readonly enumAsInteger: boolean;
  /** JSON on several lines (`prettyPrint`). */
  readonly pretty: boolean;
  /** A stream as server-sent events (`alt=sse`). */
  readonly events: boolean;
}

/** The form where the query asks for no other. */
export const PLAIN_FORM: AnswerForm = { enumAsInteger: false, pretty: false, events: false };

/** Those that may come without a dollar sign, where the request has no field of that name. */
const WITHOUT_DOLLAR = new Set([
  ...["access_token", "alt", "callback", "fields", "key", "oauth_token", "prettyPrint", "quotaUser"],
  ...["uploadType", "upload_protocol", "userIp"],
]);

/**
 * The answer's form, and the parameters that are fields. Other system parameters are passed over: credentials and
 * quotas are for a gateway to read, and `fields` asks for less than is answered.
 */
export function takeSystemParameters(
  parameters: readonly Parameter[],
  isField: (name: string) => boolean,
): { readonly form: AnswerForm; readonly fields: readonly Parameter[] } {
  let enumAsInteger = false;
  let pretty = false;
  let events = false;
  const fields: Parameter[] = [];
  for (const parameter of parameters) {
    const [name, value] = parameter;
    if (!name.startsWith("$") && (!WITHOUT_DOLLAR.has(name) || isField(name))) {
      fields.push(parameter);
      continue;
    }
    switch (name.replace(/^\$/, "")) {
      case "alt": {
        const [type, ...options] = value.split(";").map((part) => part.trim().toLowerCase());
        if (type !== "json" && type !== "sse" && type !== "") {
          throw invalidParameter(name, `asks for ${JSON.stringify(type)}, and only json and sse are offered`);
        }
        events = type === "sse";
        enumAsInteger = options.includes("enum-encoding=int");
        break;
      }
      case "prettyPrint":
        pretty = value !== "0" && value.toLowerCase() !== "false";
        break;
    }
  }
  return { form: { enumAsInteger, pretty, events }, fields };
}
