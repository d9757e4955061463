import { Code } from "@connectrpc/connect";

/** The name of a code in google.rpc.Code, such as NOT_FOUND. */
export function codeName(code: number): string {
  const name = Code[code];
  if (name === undefined) return `code ${code}`;
  // The one name that Connect spells otherwise.
  return name === "Canceled" ? "CANCELLED" : name.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}

const CODES: ReadonlyMap<string, Code> = new Map(
  Object.values(Code)
    .filter((code) => typeof code === "number")
    .map((code) => [codeName(code), code]),
);

/** The code of a name of google.rpc.Code; undefined for any other text. */
export function codeOfName(name: unknown): Code | undefined {
  return typeof name === "string" ? CODES.get(name) : undefined;
}
