/** How a page calls: with connect-web and this package's client, or with fetch alone. */
export const CALLS = ["connect-binary", "connect-json", "grpc-web", "fetch-json", "fetch-rest"] as const;

/** See {@link CALLS}. */
export type CallKind = (typeof CALLS)[number];

/** What carries the calls. A browser speaks HTTP/2 over TLS only. */
export interface Way {
  readonly name: string;
  readonly secure: boolean;
  /** As the browser calls it: its ALPN name. */
  readonly protocol: "http/1.1" | "h2";
  /** How pages call over it. */
  readonly calls: readonly CallKind[];
}

/** What a page is reached by that is served as it comes. */
export const HTTP1: Way = { name: "HTTP/1.1", secure: false, protocol: "http/1.1", calls: CALLS };

/** Every way that a browser has. TLS below HTTP/1.1 makes no difference to a page: one of each kind will do. */
export const WAYS: readonly Way[] = [
  HTTP1,
  { name: "HTTP/1.1 over TLS", secure: true, protocol: "http/1.1", calls: ["connect-binary", "fetch-rest"] },
  { name: "HTTP/2 over TLS", secure: true, protocol: "h2", calls: CALLS },
];
