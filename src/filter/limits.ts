/** How much a filter may ask for: what goes beyond is refused, so that no caller can make the server toil. */
export interface FilterLimits {
  /** Characters of its text. */
  readonly length: number;
  /** Restrictions in it. */
  readonly terms: number;
  /** Restrictions that have all of a text searched: for what stands between two `*`. */
  readonly searches: number;
  /** Parentheses within parentheses, and NOTs before them. */
  readonly depth: number;
  /** Fields in one path. */
  readonly path: number;
}

export const FILTER_LIMITS: FilterLimits = { length: 4_096, terms: 100, searches: 10, depth: 20, path: 12 };
