import { describeClient } from "../describe-client.ts";
import { curlJson, curlRest } from "./client.ts";

for (const client of [curlJson, curlRest]) describeClient(client);
