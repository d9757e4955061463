import type { OperationAccess } from "../access/operation-access.ts";
import type { Filter } from "../filter/filter.ts";
import { collectionOf } from "../operation/operation-name.ts";
import type { OperationRange } from "../operation/operation-range.ts";
import type { StoredOperation } from "../operation/stored-operation.ts";
import { compareInList } from "../store/list-order.ts";
import type { ListPosition, ListQuery, OperationStore } from "../store/operation-store.ts";
import { GrowingPage } from "./growing-page.ts";
import type { Turns } from "./turns.ts";

/** How many times as many are read then: large ones are not read in vain. */
const GROWTH = 4;

/** How many operations one page looks at, and at least: where a filter lets few through, pages are short (AIP-158). */
const SCAN_BUDGET = 5_000;

/** What pages are read from. */
type Listed = Pick<OperationStore, "list" | "listInRange" | "get">;

/** How a page is read. */
export interface Reading {
  /** How many operations are read at first. */
  readonly first: number;
  /** A range of so many is read as a whole, where the first ones that were looked at do not fill the page. */
  readonly mostInRange: number;
}

const READING: Reading = { first: 51, mostInRange: SCAN_BUDGET };

/** Which page is asked for. */
export interface PageQuery {
  /** Those of this parent; undefined for those of every parent. */
  readonly parent: string | undefined;
  /** Only those that this principal started; undefined for those of all. */
  readonly principal?: string | undefined;
  /** At most so many operations. */
  readonly size: number;
  /** Only those behind this position. */
  readonly after: ListPosition | undefined;
  /** Only what matches; undefined for all. */
  readonly filter: Filter | undefined;
  /** Of those of every parent, only those whose parent is such; undefined for all. */
  readonly within?: ((parent: string) => boolean) | undefined;
  /** Only what the caller may see; undefined for all. */
  readonly access?: OperationAccess | undefined;
  /** Between many operations that are looked at, others are answered: by these turns, if any. */
  readonly turns?: Pick<Turns, "next"> | undefined;
}

/** The operations of a page, and behind which position the next one begins; undefined where there is none. */
export interface Page {
  readonly operations: readonly StoredOperation[];
  readonly next: ListPosition | undefined;
}

/**
 * Reads at most `size` operations, and fewer where they are large or few match; where the store finds by itself all that
 * is asked for, one at least, if there is one (AIP-158).
 */
export async function readPage(store: Listed, query: PageQuery, reading: Reading = READING): Promise<Page> {
  const { size, filter, after } = query;
  if (filter?.needs?.name !== undefined) return readOne(store, filter.needs.name, query);
  const lists = listsOf(query);
  const isExact = isFoundByStore(query);
  const { searches = 0 } = filter ?? {};
  let ranges = rangesOf(query);
  const how = isExact || query.turns === undefined ? undefined : { turns: query.turns, searches };
  const page = new GrowingPage(size, after, (stored) => isShown(stored, query), how);
  const { operations } = page;
  let scanned = 0;
  for (let read = reading.first; ; read *= GROWTH) {
    // One more than the page shows: so the last page knows that it is the last.
    const most = isExact ? size + 1 - operations.length : SCAN_BUDGET - scanned;
    const limit = Math.min(read, most);
    const found = await store.list(lists(limit, page.last));
    if (!(await page.take(found))) return { operations, next: page.last };
    scanned += found.length;
    if (found.length < limit) return { operations, next: undefined };
    if (!isExact && scanned >= SCAN_BUDGET) return { operations, next: page.last };
    for (const range of ranges) {
      const rest = await readRange(store, range, page, reading);
      if (rest !== undefined) return rest;
    }
    ranges = [];
  }
}

/** Goes on with a page by what is in a range; undefined where the store does not list that range. */
async function readRange(
  store: Listed,
  range: OperationRange,
  page: GrowingPage,
  { first, mostInRange: most }: Reading,
): Promise<Page | undefined> {
  const { operations } = page;
  for (let limit = first; ; limit *= GROWTH) {
    const found = await store.listInRange({ range, most, limit, after: page.last });
    if (found === undefined) return undefined;
    if (!(await page.take(found))) return { operations, next: page.last };
    if (found.length < limit) return { operations, next: undefined };
  }
}

/**
 * Ranges in each of which everything lies that is asked for, and not all of the parent with it. None for a caller who sees
 * their own alone: others' operations lie in them too, and how long it takes would tell how many.
 */
function rangesOf({ parent, principal, filter }: PageQuery): readonly OperationRange[] {
  if (principal !== undefined) return [];
  const { namePrefix: prefix, ended, expires } = filter?.needs ?? {};
  const ofAll = parent === undefined ? "" : `${collectionOf(parent)}/`;
  const ranges: OperationRange[] = [];
  if (prefix !== undefined && !ofAll.startsWith(prefix)) ranges.push({ of: "name", prefix });
  // Nearly all that is kept has ended before any time of late.
  if (parent !== undefined && ended?.fromMs !== undefined) ranges.push({ of: "endTime", parent, ...ended });
  if (expires !== undefined) ranges.push({ of: "expireTime", ...expires });
  return ranges;
}

/** The page that the operation of one name is on: of all others nothing need be read. */
async function readOne(store: Listed, name: string, query: PageQuery): Promise<Page> {
  const stored = await store.get(name);
  const isBehind =
    stored !== undefined && (query.after === undefined || compareInList(stored, query.after) > 0);
  return { operations: isBehind && (await isShown(stored, query)) ? [stored] : [], next: undefined };
}

/** What the store is asked for: what it finds by an index, and no less than what is asked for. */
function listsOf({ parent, principal, filter }: PageQuery) {
  const { only, createdFromMs, createdUntilMs } = filter?.needs ?? {};
  return (limit: number, after: ListPosition | undefined): ListQuery => {
    const range = { limit, after, createdFromMs, createdUntilMs };
    if (principal !== undefined) {
      return { ...range, parent: undefined, only: { by: "principal", value: principal } };
    }
    return parent === undefined ? { ...range, parent } : { ...range, parent, only };
  };
}

/** Whether the store finds by itself all that is asked for, and nothing else. */
function isFoundByStore({ filter, access, within, parent, principal }: PageQuery): boolean {
  const isByIndex = principal === undefined || parent === undefined;
  return filter === undefined && access === undefined && within === undefined && isByIndex;
}

/** Whether an operation is among those asked for, whatever the store was asked, and the caller may see it. */
export async function isShown(
  stored: StoredOperation,
  query: Omit<PageQuery, "size" | "after">,
): Promise<boolean> {
  const { parent, within, principal, filter, access } = query;
  const isAskedFor =
    (parent === undefined || stored.parent === parent) &&
    (within === undefined || within(stored.parent)) &&
    (principal === undefined || stored.principal === principal) &&
    (filter === undefined || filter.matches(stored));
  return isAskedFor && (access === undefined || access.shows(stored));
}
