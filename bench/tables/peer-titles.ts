const TITLES: Readonly<Record<string, string>> = {
  ours: "longrunning",
  "ours-young-16": "longrunning, --max-semi-space-size=16",
  "ours-no-direct": "longrunning, --no-direct",
  "connect-node": "connectNodeAdapter",
  "grpc-js": "@grpc/grpc-js",
  http2: "node:http2, static bytes (the floor)",
  http: "node:http, JSON parse and stringify (the floor)",
  "grpc-go": "grpc-go, as ChromiumOS's lro.Manager",
};

/** What a peer is called in tables. */
export function peerTitle(id: string): string {
  return TITLES[id] ?? id;
}
