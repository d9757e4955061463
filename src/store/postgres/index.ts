export type { PostgresTls } from "./connection-config.ts";
export { type MigrateSchemaOptions, migrateSchema } from "./migrate-schema.ts";
export { type Heard, type Notifier, silentNotifier } from "./notifier.ts";
export { PostgresStore, PostgresStoreError, type PostgresStoreOptions } from "./postgres-store.ts";
