import type { Client } from "../client.ts";
import { runCommand } from "../run-command.ts";

function curlClient(protocol: "json" | "rest", title: string): Client {
  return {
    id: `curl-${protocol}`,
    title,
    async install() {
      await runCommand({ file: "curl", args: ["--version"] });
    },
    program: (url) => ({ file: process.execPath, args: ["test/interop/curl/main.js", protocol, url] }),
    deviations: {},
  };
}

export const curlJson = curlClient("json", "curl, Connect JSON");
export const curlRest = curlClient("rest", "curl, REST");
