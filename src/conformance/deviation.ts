/** The server does otherwise. */
export class Deviation extends Error {
  override readonly name = "Deviation";
  readonly saw: string;
  readonly expected: string;

  constructor(saw: string, expected: string) {
    super(`saw ${saw}, expected ${expected}`);
    this.saw = saw;
    this.expected = expected;
  }
}

/** The check cannot be asked here, or its answer says nothing. */
export class NotApplicable extends Error {
  override readonly name = "NotApplicable";
}
