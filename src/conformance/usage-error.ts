/** What a run was asked for cannot be done. The message is for the person who asked. */
export class ConformanceUsageError extends Error {
  override readonly name = "ConformanceUsageError";
}
