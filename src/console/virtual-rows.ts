/** Which rows of a list are drawn. */
export interface RowWindow {
  readonly first: number;
  /** Behind the last. */
  readonly end: number;
}

/** So many rows beyond the edges, for a wheel that is faster than a frame. */
const MARGIN = 8;

/** The rows that can be seen, and a few around them. */
export function rowWindow(scrollTop: number, height: number, rowHeight: number, count: number): RowWindow {
  const first = Math.max(0, Math.min(Math.floor(scrollTop / rowHeight), count) - MARGIN);
  const end = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + MARGIN);
  return { first, end };
}

/** Where to scroll to, so that a row is within sight: as little as possible. */
export function scrollTopFor(index: number, scrollTop: number, height: number, rowHeight: number): number {
  if (index * rowHeight < scrollTop) return index * rowHeight;
  return Math.max(scrollTop, (index + 1) * rowHeight - height);
}
