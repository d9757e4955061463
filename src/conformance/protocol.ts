/** How a server can be asked. */
export const PROTOCOLS = ["grpc", "connect", "grpc-web", "rest"] as const;

/** A way to ask a server. `connect` is Connect with messages in binary. */
export type Protocol = (typeof PROTOCOLS)[number];

/** The protocols that are not REST. */
export const RPC_PROTOCOLS = ["grpc", "connect", "grpc-web"] as const satisfies readonly Protocol[];

/** The name of a protocol for people. */
export const PROTOCOL_NAMES: Readonly<Record<Protocol, string>> = {
  grpc: "gRPC",
  connect: "Connect",
  "grpc-web": "gRPC-Web",
  rest: "REST",
};
