/** What a server hears from the others. */
export interface Heard {
  /**
   * These operations have changed; or they have not, or long ago: the store says what is true. In the place of a name
   * may stand that work waits for a handler.
   */
  names(names: readonly string[]): void;
  /** Others may have told of something that was not heard: whoever waits must look. */
  gap(): void;
}

/**
 * Tells other servers which operations have changed, as fast as it can and as well as it can: nothing depends on
 * it but how soon they look.
 */
export interface Notifier extends AsyncDisposable {
  /** Tells the others. Resolves once it is told, or given up. Never rejects. */
  notify(names: readonly string[]): Promise<void>;
  /** Hears the others from now on. */
  listen(heard: Heard): Promise<void>;
}

/**
 * Tells nobody and hears nobody: for connections that cannot listen, such as those of PgBouncer in transaction
 * mode. Servers then learn of each other's changes from their sweep, within two seconds.
 */
export const silentNotifier: Notifier = {
  async notify() {},
  async listen() {},
  async [Symbol.asyncDispose]() {},
};
