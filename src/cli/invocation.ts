import type { BearerToken } from "./bearer-token.ts";
import { type Connection, type ConnectListener, connectTo } from "./connection.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Screen } from "./screen.ts";
import type { GlobalFlags, Settings } from "./settings.ts";

/** One run of the program: what it was asked with, and where it writes. */
export class Invocation implements ConnectListener {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly #openScreen: (wantsColour: boolean) => Screen;
  #screen: Screen | undefined;
  settings: Settings | undefined;
  token: BearerToken | undefined;
  flags: GlobalFlags = { reflection: true, color: true };
  /** What the program ends with. */
  exitCode: ExitCode = 0;

  constructor(
    env: Readonly<Record<string, string | undefined>>,
    openScreen: (wantsColour: boolean) => Screen,
  ) {
    this.env = env;
    this.#openScreen = openScreen;
  }

  get screen(): Screen {
    this.#screen ??= this.#openScreen(this.flags.color);
    return this.#screen;
  }

  /** Prepares to call the server that the flags name. Throws a UsageError. */
  connect(): Promise<Connection> {
    return connectTo(this.flags, this.env, this);
  }

  /** The text without a token in it. */
  redacted(text: string): string {
    return this.token?.redacted(text) ?? text;
  }
}
