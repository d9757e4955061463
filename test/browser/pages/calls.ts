/** What a page asks of long-running work, in whichever way it calls the server. */
export interface Calls {
  /** Starts work, as the JSON of a SimulateWorkRequest describes it. Answers the name of its operation. */
  start(work: string): Promise<string>;
  /** Follows an operation to its end, and tells of each number of steps that it has seen. */
  watch(name: string, onSteps: (stepsDone: number) => void): Promise<void>;
  /** Waits for the payload of an operation. Throws what it failed with, and an AbortError once nobody waits. */
  result(name: string, signal: AbortSignal): Promise<string>;
  cancel(name: string): Promise<void>;
  list(): Promise<readonly Listed[]>;
  /** What was thrown, in words. */
  refusalOf(error: unknown): Refusal;
}

/** An operation of a list, with its metadata where its type is not that of simulated work. */
export interface Listed {
  readonly name: string;
  readonly foreign?: { readonly typeUrl: string; readonly base64: string };
}

/** Why a call was refused, or an operation failed. */
export interface Refusal {
  /** `NOT_FOUND`, as google.rpc.Code writes it. */
  readonly code: string;
  readonly message: string;
  /** The reason of its google.rpc.ErrorInfo. */
  readonly reason?: string | undefined;
  /** The fields that its google.rpc.BadRequest names. */
  readonly fields?: readonly string[] | undefined;
}
