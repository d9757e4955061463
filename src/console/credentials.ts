import { Listeners } from "./listeners.ts";

const KEY = "longrunning.token";

/** What credentials are at the moment. */
export interface CredentialsState {
  /** The bearer token; "" for none. */
  readonly token: string;
  /** Why the server has let nobody in; undefined while it does. */
  readonly refusal: string | undefined;
}

/** The bearer token of whoever looks at the page. It is kept as long as the tab, and in no other place. */
export class Credentials {
  readonly #storage: Storage;
  readonly #listeners = new Listeners();
  readonly subscribe = this.#listeners.subscribe;
  #state: CredentialsState;

  constructor(storage: Storage) {
    this.#storage = storage;
    this.#state = { token: storage.getItem(KEY) ?? "", refusal: undefined };
  }

  /** The same object until it changes. */
  readonly state = (): CredentialsState => this.#state;

  /** Goes on with another token; with "" without one. */
  use(token: string): void {
    if (token === "") this.#storage.removeItem(KEY);
    else this.#storage.setItem(KEY, token);
    this.#become({ token, refusal: undefined });
  }

  /** The server wants credentials, or other ones than `token`. */
  refuse(token: string, refusal: string): void {
    // An answer to a call that began before somebody signed in says nothing of the new token.
    if (token === this.#state.token) this.#become({ token, refusal });
  }

  #become(state: CredentialsState): void {
    this.#state = state;
    this.#listeners.tell();
  }
}
