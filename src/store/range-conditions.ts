import type { OperationRange } from "../operation/operation-range.ts";
import type { Bind } from "./list-walks.ts";
import type { ListPosition } from "./operation-store.ts";
import { prefixEnd } from "./prefix-end.ts";

/**
 * What is behind `where` for the operations in a range. Its end is compared as a row is: of a range with two plain ends
 * PostgreSQL expects so little that it would rather read all of it, and sort it, than stop where enough was found.
 */
export function inRange(range: OperationRange, bind: Bind): string {
  if (range.of === "name") {
    const end = prefixEnd(range.prefix);
    return `name >= ${bind(range.prefix)}${end === undefined ? "" : ` and (name, 0) < (${bind(end)}, 0)`}`;
  }
  const within = range.of === "endTime" ? `parent = ${bind(range.parent)} and ` : "";
  const column = orderOf(range);
  const { fromMs, untilMs } = range;
  const from = fromMs === undefined ? "" : ` and ${column} >= ${bind(fromMs)}`;
  const until = untilMs === undefined ? "" : ` and (${column}, 0) <= (${bind(untilMs)}, 0)`;
  return `${within}${column} is not null${from}${until}`;
}

const COLUMN_OF = { name: "name", expireTime: "expire_time", endTime: "end_time" } as const;

/** The column that the index of a range is in the order of. */
export function orderOf({ of }: OperationRange): string {
  return COLUMN_OF[of];
}

/** What comes with it for those that stand behind a position of a List. */
export function behind(after: ListPosition | undefined, bind: Bind): string {
  if (after === undefined) return "";
  const time = bind(after.createTimeMs);
  return ` and create_time <= ${time} and (create_time < ${time} or name > ${bind(after.name)})`;
}
