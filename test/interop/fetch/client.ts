import type { Client } from "../client.ts";

function fetchClient(protocol: "json" | "rest", title: string): Client {
  return {
    id: `fetch-${protocol}`,
    title,
    // fetch is part of Node.
    install: async () => {},
    program: (url) => ({ file: process.execPath, args: ["test/interop/fetch/main.js", protocol, url] }),
    deviations: {},
  };
}

export const fetchJson = fetchClient("json", "fetch of Node, Connect JSON");
export const fetchRest = fetchClient("rest", "fetch of Node, REST");
