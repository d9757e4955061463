/** Who calls, as the authentication has found out. */
export interface Principal {
  /** What tells one caller from all others, for ever: it is kept with the operations that they start. */
  readonly id: string;
  /** The OAuth scopes that they were granted. Undefined: their kind of credential has none, and they are not asked for. */
  readonly scopes?: readonly string[] | undefined;
  /** What else their credential says, for `authorize`. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
}
