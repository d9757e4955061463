import { describeClient } from "../describe-client.ts";
import { goGrpc, goOperation, goRest } from "./client.ts";

for (const client of [goOperation, goGrpc, goRest]) describeClient(client);
