import { describeClient } from "../describe-client.ts";
import { googleGaxGrpc, googleGaxRest } from "./client.ts";

for (const client of [googleGaxGrpc, googleGaxRest]) describeClient(client);
