import { bufCurlConnect, bufCurlGrpc, bufCurlGrpcWeb, bufCurlHttp1 } from "./buf-curl/client.ts";
import type { Client } from "./client.ts";
import { curlJson, curlRest } from "./curl/client.ts";
import { fetchJson, fetchRest } from "./fetch/client.ts";
import { goGrpc, goOperation, goRest } from "./go/client.ts";
import { googleApiCoreAsyncio, googleApiCoreGrpc, googleApiCoreRest } from "./google-api-core/client.ts";
import { googleGaxGrpc, googleGaxRest } from "./google-gax/client.ts";
import { grpcJs } from "./grpc-js/client.ts";
import { grpcurl } from "./grpcurl/client.ts";
import { java } from "./java/client.ts";

/** All clients, in the order of the table. */
export const CLIENTS: readonly Client[] = [
  fetchJson,
  fetchRest,
  curlJson,
  curlRest,
  grpcJs,
  googleGaxGrpc,
  googleGaxRest,
  googleApiCoreGrpc,
  googleApiCoreAsyncio,
  googleApiCoreRest,
  goOperation,
  goGrpc,
  goRest,
  java,
  grpcurl,
  bufCurlGrpc,
  bufCurlGrpcWeb,
  bufCurlConnect,
  bufCurlHttp1,
];
