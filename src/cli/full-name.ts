import { isOperationName } from "../operation/operation-name.ts";

const COLLECTION = "operations/";

/** The name that is meant: `abc` stands for `operations/abc`, and what has a slash for itself. */
export function fullName(text: string): string {
  return text.includes("/") ? text : `${COLLECTION}${text}`;
}

/** What can be typed for a name: `abc` for `operations/abc`. */
export function shortName(name: string): string {
  const id = name.slice(COLLECTION.length);
  return isOperationName(name) && name.startsWith(COLLECTION) && !id.includes("/") ? id : name;
}
