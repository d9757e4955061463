import { Code } from "@connectrpc/connect";

/** The name of a code in google.rpc.Code, such as NOT_FOUND; `code 99` for one that has none. */
export function codeName(code: number): string {
  const name = Code[code];
  if (name === undefined) return `code ${code}`;
  // The one name that Connect spells otherwise.
  return name === "Canceled" ? "CANCELLED" : name.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}
