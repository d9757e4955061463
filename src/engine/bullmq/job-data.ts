/** What a job carries. All else is in the store. */
export interface JobData {
  /** The operation's name. */
  readonly name: string;
}

/** What a board shows of a job that has come to its end. */
export type JobResult =
  /** The operation ended with a response of this type. */
  | { readonly case: "completed"; readonly response: string }
  /** The operation had ended, or was deleted, before the job came to its turn. */
  | { readonly case: "over" };

/** The operation that a job is for; undefined where somebody else has put the job into the queue. */
export function operationNameIn(data: unknown): string | undefined {
  if (typeof data !== "object" || data === null || !("name" in data)) return undefined;
  return typeof data.name === "string" && data.name !== "" ? data.name : undefined;
}
