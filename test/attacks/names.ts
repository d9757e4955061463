/** The operation that runs for ever. */
export const RUNNING = "operations/running";

/** The parent of so many, and so large, operations that a page of them is as large as pages are. */
export const LISTED = "projects/large";
