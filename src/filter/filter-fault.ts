/** A filter that nobody can answer, with what is wrong and where. */
export class FilterFault extends Error {
  /** Where in the filter it shows: 0 is the first character. */
  readonly at: number;

  /** The message completes the sentence "a filter ...". */
  constructor(at: number, message: string) {
    super(message);
    this.name = "FilterFault";
    this.at = at;
  }
}
