import { describeClient } from "../describe-client.ts";
import { googleApiCoreAsyncio, googleApiCoreGrpc, googleApiCoreRest } from "./client.ts";

for (const client of [googleApiCoreGrpc, googleApiCoreAsyncio, googleApiCoreRest]) describeClient(client);
