import type { Client } from "./client.ts";
import { curlJson, curlRest } from "./curl/client.ts";
import { fetchJson, fetchRest } from "./fetch/client.ts";

/** All clients, in the order of the table. */
export const CLIENTS: readonly Client[] = [fetchJson, fetchRest, curlJson, curlRest];
