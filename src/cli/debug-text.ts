import { inspect } from "node:util";
import { create } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { ConnectError } from "@connectrpc/connect";
import { statusOfError } from "../operation/status.ts";
import { plainText } from "../server/plain-text.ts";
import { codeName } from "../summary/code-name.ts";
import { jsonText } from "./document.ts";
import { TypeBook } from "./type-book.ts";

const MOST_LINES = 100;

/** All that is known of an error, on many lines: its code, its details, and where it came from. */
export function debugText(error: unknown): string {
  const lines: string[] = [];
  if (error instanceof ConnectError) {
    lines.push(`code: ${codeName(error.code)} (${error.code})`);
    const types = new TypeBook(undefined);
    for (const detail of statusOfError(error).details) {
      lines.push(`detail: ${jsonText(types.toJson(AnySchema, create(AnySchema, detail)), 0)}`);
    }
  }
  let because = "";
  for (
    let cause: unknown = error;
    cause !== undefined && lines.length < MOST_LINES;
    because = "because of: "
  ) {
    if (cause instanceof Error) {
      lines.push(...`${because}${cause.stack ?? cause}`.split("\n"));
      cause = cause.cause;
    } else {
      lines.push(`${because}${inspect(cause)}`);
      cause = undefined;
    }
  }
  return lines.map(plainText).join("\n");
}
