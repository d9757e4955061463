import type { Client } from "../client.ts";
import { installNpm } from "../install-npm.ts";

export const grpcJs: Client = {
  id: "grpc-js",
  title: "@grpc/grpc-js 1.14.7, gRPC",
  install: () => installNpm("test/interop/grpc-js"),
  program: (url) => ({ file: process.execPath, args: ["test/interop/grpc-js/main.js", url] }),
  deviations: {},
};
