/** What the program ends with, for scripts to tell apart (docs/command-line.md). */
export const ExitCode = {
  success: 0,
  /** The operation that was waited for ended with an error. */
  operationFailed: 1,
  /** The command, a flag or the configuration cannot be understood. */
  usage: 2,
  /** The operation that was waited for was cancelled. */
  operationCancelled: 3,
  /** The time for waiting was up; the operation goes on. */
  gaveUpWaiting: 4,
  /** The server could not be reached, or refused the call. */
  callFailed: 5,
  /** Ctrl-C: 128 and the number of SIGINT, as shells have it. What was waited for goes on. */
  interrupted: 130,
} as const;

/** One of these codes. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
