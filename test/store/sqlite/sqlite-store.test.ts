import { describe, it } from "vitest";
import { describeStoreContract } from "../../../src/testing/store-contract.ts";
import { openEmptySqliteStore } from "./open-sqlite-store.ts";

describeStoreContract("SqliteStore", openEmptySqliteStore, { describe, it });
