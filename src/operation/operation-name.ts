import { invalidField } from "./errors.ts";

/** The last collection of every operation's name (AIP-151). */
const COLLECTION = "operations";

/** The longest parent, in bytes of UTF-8: with an ID behind it, every store can index the name. */
const PARENT_BYTES = 1_000;

/** Random bytes in an operation's id: nobody finds an operation by guessing. */
const ID_BYTES = 16;

/** A name for a new operation: `operations/ID`, or `{parent}/operations/ID`, with 128 random bits in the ID. */
export function newOperationName(parent: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(ID_BYTES));
  let id = "";
  for (const byte of bytes) id += byte.toString(16).padStart(2, "0");
  return `${collectionOf(parent)}/${id}`;
}

/** The collection that operations of a parent live in: `operations`, or `{parent}/operations`. */
export function collectionOf(parent: string): string {
  return parent === "" ? COLLECTION : `${parent}/${COLLECTION}`;
}

/**
 * Refuses a name that no operation can have. The id is not judged: a name is well-formed if it has an
 * `operations` collection with something behind it, and no empty segment.
 *
 * Throws INVALID_ARGUMENT for the field, `name` by default.
 */
export function checkOperationName(name: string, field = "name"): void {
  if (name === "") throw invalidField(field, name, "is empty; it must be operations/ID");
  if (!isOperationName(name)) {
    throw invalidField(field, name, "is not operations/ID or {parent}/operations/ID");
  }
}

/** Whether an operation can have this name. */
export function isOperationName(name: string): boolean {
  const segments = name.split("/");
  const collection = segments.indexOf(COLLECTION);
  return !segments.includes("") && collection >= 0 && collection < segments.length - 1;
}

/** What of a name, which need not be one, is the parent: what stands before `operations`. */
export function parentIn(name: string): string {
  const segments = name.split("/");
  const collection = segments.indexOf(COLLECTION);
  return collection < 0 ? name : segments.slice(0, collection).join("/");
}

/**
 * Refuses what cannot be a parent of operations: an empty segment, an operation, a NUL, or more than 1,000 bytes.
 * The empty parent is the top level.
 *
 * Throws INVALID_ARGUMENT for the field.
 */
export function checkParent(field: string, parent: string): void {
  if (parent === "") return;
  const segments = parent.split("/");
  if (segments.includes("") || segments.includes(COLLECTION)) {
    throw invalidField(field, parent, "is not the name of a parent resource");
  }
  if (!parent.isWellFormed())
    throw invalidField(field, parent.toWellFormed(), "is no text: half a character is missing");
  if (parent.includes("\0")) throw invalidField(field, parent, "has a NUL in it");
  const bytes = new TextEncoder().encode(parent).length;
  if (bytes > PARENT_BYTES) throw invalidField(field, parent, `is longer than ${PARENT_BYTES} bytes`);
}

/**
 * The parent whose operations a List request asks for. Google's services take the parent itself or its
 * collection: "", `operations`, `{parent}` and `{parent}/operations` are all accepted.
 *
 * Throws INVALID_ARGUMENT for the field, `name` by default.
 */
export function parentOfList(name: string, field = "name"): string {
  if (name === "" || name === COLLECTION) return "";
  const parent = name.endsWith(`/${COLLECTION}`) ? name.slice(0, -COLLECTION.length - 1) : name;
  const segments = parent.split("/");
  if (segments.includes("") || segments.includes(COLLECTION)) {
    throw invalidField(field, name, "is not operations, a parent, or {parent}/operations");
  }
  return parent;
}
