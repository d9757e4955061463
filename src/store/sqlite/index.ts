export { SqliteStore, SqliteStoreError } from "./sqlite-store.ts";
