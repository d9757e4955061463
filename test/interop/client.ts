/** A client that nobody here wrote, and the program that drives it. */
export interface Client {
  /** Unique: names its tests and its row. */
  readonly id: string;
  /** What it is, with its version, as the row of the table in docs/clients.md has it. */
  readonly title: string;
  /** Gets what the program needs from its registry, at pinned versions, and builds it. May be called again. */
  install(): Promise<void>;
  /** The program that shows the behaviours of a server at `url`, such as "http://127.0.0.1:8080". */
  program(url: string): Program;
  /** Where this client differs, by the behaviour's id. */
  readonly deviations: Readonly<Record<string, Deviation>>;
}

/** A command to run, and its environment beside that of the tests. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** A behaviour that a client shows in another way, or not at all. */
export interface Deviation {
  /** What its program sees in place of what is expected; undefined where the client cannot be asked to. */
  readonly saw?: unknown;
  /** The reason, for docs/clients.md: a sentence. */
  readonly why: string;
}
