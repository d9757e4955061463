/** What went wrong in SQLite, in a form that goes between threads. */
export interface SqliteFault {
  readonly message: string;
  /** SQLite's extended result code; undefined where the error is not SQLite's. */
  readonly errcode: number | undefined;
}

/** The words for primary result codes, where SQLite's own say too little. */
const WORDS: Readonly<Record<number, string>> = {
  8: "it may not be written to",
  10: "the disk failed",
  11: "it is corrupt, or could not be read",
  13: "the disk is full",
  14: "it cannot be opened",
  26: "it is not an SQLite database",
};

/** SQLite's extended result codes that tell what the disk failed at. */
const DISK_WORDS: Readonly<Record<number, string>> = {
  266: "read",
  522: "short read",
  778: "write",
  1034: "fsync",
  1290: "fsync of the folder",
  1546: "truncate",
};

/** The result code in an error of node:sqlite. */
export function errcodeOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode : undefined;
}

/** An error as it goes between threads. */
export function faultOf(error: unknown): SqliteFault {
  return { message: error instanceof Error ? error.message : String(error), errcode: errcodeOf(error) };
}

/** Whether there is no room for more. */
export function isFull({ errcode }: SqliteFault): boolean {
  return errcode !== undefined && (errcode & 0xff) === 13;
}

/** Corrupt pages, a value too big, a constraint, a value of the wrong type: what one write fails of, and not the next. */
const OF_ONE_WRITE = [11, 18, 19, 20];

/** Whether it may have been one write that failed, so that the others fare better by themselves. */
export function isOfOneWrite({ errcode }: SqliteFault): boolean {
  return errcode !== undefined && OF_ONE_WRITE.includes(errcode & 0xff);
}

/** What went wrong, for a person: SQLite's words and, where they say too little, ours. */
export function causeOf({ errcode, message }: SqliteFault): string {
  if (errcode === undefined) return message;
  const words = WORDS[errcode & 0xff];
  const failedAt = DISK_WORDS[errcode];
  const more = failedAt === undefined ? "" : ` (${failedAt})`;
  return words === undefined
    ? `${message} (SQLite ${errcode})`
    : `${words}${more}: ${message} (SQLite ${errcode})`;
}
