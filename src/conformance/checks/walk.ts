import { NotApplicable } from "../deviation.ts";
import { answered } from "../expectations.ts";
import type { World } from "../world.ts";

/** A list is walked at most so far: more would be no small load. */
const MOST_PAGES = 60;

/** What a walk through all pages has seen. */
export interface Walk {
  readonly names: readonly string[];
  readonly tokens: readonly string[];
  readonly pages: number;
  /** Whether the last page said that it is the last. A token that leads to itself does not end. */
  readonly hasEnded: boolean;
}

/** Walks through all pages. `between` is done once, after the first page. */
export async function walk(world: World, pageSize: number, between?: () => Promise<void>): Promise<Walk> {
  const names: string[] = [];
  const tokens: string[] = [];
  let pageToken = "";
  for (let pages = 1; pages <= MOST_PAGES; pages++) {
    const request = { pageSize, ...(pageToken !== "" && { pageToken }) };
    const page = answered(await world.caller.list(request), pages === 1 ? "List" : "List of a further page");
    names.push(...page.operations.map(({ name }) => name));
    const { nextPageToken } = page;
    if (nextPageToken === "") return { names, tokens, pages, hasEnded: true };
    if (tokens.includes(nextPageToken)) return { names, tokens, pages, hasEnded: false };
    tokens.push(nextPageToken);
    pageToken = nextPageToken;
    if (pages === 1) await between?.();
  }
  throw new NotApplicable(
    `the list has more than ${MOST_PAGES} pages of ${pageSize}; it is not walked further`,
  );
}

/** A page size with which a list of so many has some ten pages. */
export function sizeForTenPages(count: number): number {
  return Math.max(1, Math.ceil(count / 10));
}
