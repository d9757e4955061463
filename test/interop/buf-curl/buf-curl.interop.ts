import { describeClient } from "../describe-client.ts";
import { bufCurlConnect, bufCurlGrpc, bufCurlGrpcWeb, bufCurlHttp1 } from "./client.ts";

for (const client of [bufCurlGrpc, bufCurlGrpcWeb, bufCurlConnect, bufCurlHttp1]) describeClient(client);
