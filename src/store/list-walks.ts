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

/** The operations of every parent are in two indexes: who uses no parents writes to one alone. */
function groupsOf({ parent, only }: ListQuery): Walk[] {
  const { own, below } = INDEXES[only?.by ?? "all"];
  if (parent !== undefined) return [{ index: own, where: (bind) => `parent = ${bind(parent)}` }];
  return [
    { index: own, where: () => "parent = ''" },
    { index: below, where: () => "parent <> ''" },
  ];
}

/** The indexes of one parent, and of all but the top level. */
const INDEXES = {
  all: { own: "operations_in_list", below: "operations_below" },
  done: { own: "operations_running_in_list", below: "operations_running_below" },
  principal: { own: "operations_of_principal", below: "operations_of_principal_below" },
  // Types are indexed by parent alone.
  metadataType: { own: "operations_of_type", below: "operations_below" },
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
