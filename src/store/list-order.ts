import { compareBytewise } from "../operation/bytewise.ts";
import type { ListPosition } from "./operation-store.ts";

/** The order of a List: newest create time first; where that is equal, by name, bytewise. */
export function compareInList(a: ListPosition, b: ListPosition): number {
  return b.createTimeMs - a.createTimeMs || compareBytewise(a.name, b.name);
}
