import { describe, it } from "vitest";
import { describeStoreContract } from "../../../src/testing/store-contract.ts";
import { usePostgres } from "./open-postgres-store.ts";

const postgres = usePostgres();

describeStoreContract("PostgresStore", () => postgres.open(), { describe, it });
