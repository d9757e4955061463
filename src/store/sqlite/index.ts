export { SqliteStore, SqliteStoreError, type SqliteStoreOptions } from "./sqlite-store.ts";
