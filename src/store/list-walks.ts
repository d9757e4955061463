import type { ListQuery } from "./operation-store.ts";

/** Puts a value into a statement, and answers what stands for it there. */
export type Bind = (value: string | number) => string;

/** A walk along an index in the order of a List. */
export interface Walk {
  readonly index: string;
  /** What is behind `where`. */
  readonly where: (bind: Bind) => string;
}

/**
 * The walks along indexes that together make a page, each in the order of the List, so that a page costs the same
 * however deep it lies. They come in stages: what a stage finds stands before all that the next one finds. The walks
 * of one stage lie beside each other. They go on where `createdFromMs` ends, and what is older is to be left out: of a
 * range with two ends PostgreSQL expects so little that it would rather read and sort all of it.
 */
export function walksOf(query: ListQuery): readonly (readonly Walk[])[] {
  return rangesOf(query).map((range) =>
    groupsOf(query).map(({ index, where }) => ({
      index,
      where: (bind) => `${where(bind)}${conditionOf(query, bind)}${range(bind)}`,
    })),
  );
}

function groupsOf(query: ListQuery): Walk[] {
  const { parent, only } = query;
  if (parent !== undefined) {
    return [{ index: INDEX_OF_PARENT[query.only?.by ?? "all"], where: (bind) => `parent = ${bind(parent)}` }];
  }
  if (only !== undefined) return [{ index: "operations_of_principal", where: () => "principal is not null" }];
  // Who uses no parents writes to one index alone.
  return [
    { index: INDEX_OF_PARENT.all, where: () => "parent = ''" },
    { index: "operations_below", where: () => "parent <> ''" },
  ];
}

const INDEX_OF_PARENT = {
  all: "operations_in_list",
  done: "operations_running_in_list",
  metadataType: "operations_of_type",
} as const;

function conditionOf({ only }: ListQuery, bind: Bind): string {
  switch (only?.by) {
    case undefined:
      return "";
    case "done":
      return " and end_time is null";
    case "principal":
      return ` and principal = ${bind(only.value)}`;
    case "metadataType":
      return ` and metadata_type = ${bind(only.value)}`;
  }
}

/** Behind a position stand those of the same time and a later name, and then those of an earlier time. */
function rangesOf({
  after,
  createdFromMs = Number.NEGATIVE_INFINITY,
  createdUntilMs,
}: ListQuery): Walk["where"][] {
  const until = Number.POSITIVE_INFINITY;
  const lastMs = Math.min(createdUntilMs ?? until, after === undefined ? until : after.createTimeMs - 1);
  const earlier = (bind: Bind) => (lastMs === until ? "" : ` and create_time <= ${bind(lastMs)}`);
  if (after === undefined || after.createTimeMs > (createdUntilMs ?? until)) return [earlier];
  if (after.createTimeMs < createdFromMs) return [];
  const sameTime = (bind: Bind) =>
    ` and create_time = ${bind(after.createTimeMs)} and name > ${bind(after.name)}`;
  return [sameTime, earlier];
}
