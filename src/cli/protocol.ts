/** How servers are asked. */
export const PROTOCOLS = ["grpc", "connect", "grpc-web"] as const;

/** One of them. */
export type Protocol = (typeof PROTOCOLS)[number];
