import { describeClient } from "../describe-client.ts";
import { fetchJson, fetchRest } from "./client.ts";

for (const client of [fetchJson, fetchRest]) describeClient(client);
