/** What was asked for cannot be understood, or not be done so. The message is for the person who typed it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
