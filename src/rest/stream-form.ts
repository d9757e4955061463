import type { JsonValue } from "@bufbuild/protobuf";

/** How the messages of a stream stand in the body of an answer. */
export interface StreamForm {
  readonly contentType: string;
  /** What stands before the first message, before each further one, after each one, and at the end. */
  readonly open: string;
  readonly separator: string;
  readonly after: string;
  readonly close: string;
  /** What stands before the text of a message. */
  readonly before: string;
}

/** One JSON array, as Google's REST answers a stream. */
const ARRAY: StreamForm = {
  ...{ contentType: "application/json", open: "[", before: "", after: "", separator: ",\n", close: "]\n" },
};

/** One JSON a line. */
const LINES: StreamForm = {
  ...{ contentType: "application/x-ndjson", open: "", before: "", after: "\n", separator: "", close: "" },
};

/** Server-sent events (the HTML standard), as EventSource reads them. */
const EVENTS: StreamForm = {
  ...{
    contentType: "text/event-stream",
    open: "",
    before: "data: ",
    after: "\n\n",
    separator: "",
    close: "",
  },
};

const BY_TYPE: ReadonlyMap<string, StreamForm> = new Map([
  [ARRAY.contentType, ARRAY],
  [LINES.contentType, LINES],
  ["application/jsonl", LINES],
  [EVENTS.contentType, EVENTS],
]);

/** The form that the query (`alt=sse`) or the Accept header asks for; an array where neither asks for another. */
export function streamFormOf(header: Headers, events: boolean): StreamForm {
  if (events) return EVENTS;
  for (const part of header.get("accept")?.toLowerCase().split(",") ?? []) {
    const form = BY_TYPE.get(part.split(";", 1)[0]?.trim() ?? "");
    if (form !== undefined) return form;
  }
  return ARRAY;
}

/** A message as it stands in such a body; the first one opens it. */
export function framed(form: StreamForm, json: JsonValue, isFirst: boolean): Uint8Array {
  const start = isFirst ? form.open : form.separator;
  return new TextEncoder().encode(`${start}${form.before}${JSON.stringify(json)}${form.after}`);
}

/** The end of such a body, which had messages or not. */
export function closed(form: StreamForm, isEmpty: boolean): Uint8Array {
  return new TextEncoder().encode(`${isEmpty ? form.open : ""}${form.close}`);
}
