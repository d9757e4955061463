export { type Heard, type Notifier, silentNotifier } from "./notifier.ts";
export { PostgresStore, PostgresStoreError, type PostgresStoreOptions } from "./postgres-store.ts";
