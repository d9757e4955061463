import type { JsonValue } from "@bufbuild/protobuf";

/** What came back over HTTP. */
export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  /** The body, where it is JSON. */
  readonly json: JsonValue | undefined;
}

/** An answer in a few words: `HTTP 404 with {"error": …}`. */
export function shownHttp({ status, contentType, text }: HttpAnswer): string {
  if (text === "") return `HTTP ${status} with an empty body`;
  const body = text.length <= 200 ? text : `${text.slice(0, 200).toWellFormed()}…`;
  return `HTTP ${status}, ${contentType === "" ? "without a content type" : contentType}: ${body.replaceAll(/\s+/g, " ")}`;
}
