import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import manifest from "../../../package.json" with { type: "json" };
import type { Client } from "../client.ts";
import { cache, root, runCommand } from "../run-command.ts";

const version = manifest.devDependencies["@bufbuild/buf"];
const buf = join(root, "node_modules/.bin/buf");
const folder = join(cache, "buf-curl");
const schema = join(folder, "schema.binpb");

const unknownType = {
  saw: { threw: expect.stringContaining('unable to resolve "type.googleapis.com/far.away.Thing"') },
  why: "buf prints JSON with Go's protojson, which refuses an Any of a type that it does not know, and with it the whole answer (encoding/protojson/well_known_types.go).",
};

function bufCurl(id: string, title: string, flags: readonly string[]): Client {
  return {
    id: `buf-curl-${id}`,
    title: `buf curl ${version}, ${title}`,
    // buf itself is a development dependency of this project.
    async install() {
      await mkdir(folder, { recursive: true });
      await runCommand({ file: buf, args: ["build", "-o", schema] });
    },
    program: (url) => ({
      file: process.execPath,
      args: ["test/interop/buf-curl/main.js", url, buf, "curl", ...flags],
    }),
    deviations: { "unknown-any": unknownType },
  };
}

/** With reflection, buf speaks HTTP/2 whatever the protocol. */
const reflected = ["--reflect", "--http2-prior-knowledge", "--protocol"];

export const bufCurlGrpc = bufCurl("grpc", "gRPC, by reflection", [...reflected, "grpc"]);
export const bufCurlGrpcWeb = bufCurl("grpc-web", "gRPC-Web, by reflection", [...reflected, "grpcweb"]);
export const bufCurlConnect = bufCurl("connect", "Connect, by reflection", [...reflected, "connect"]);
export const bufCurlHttp1 = bufCurl("http1", "Connect on HTTP/1.1, with a schema", [
  "--schema",
  schema,
  "--protocol",
  "connect",
]);
