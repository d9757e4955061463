import { connect, type Socket } from "node:net";

/** A hostile client: does what it does to the server of a port, for as long as its process lives. */
export type Attack = (port: number) => void;

export const METHODS = {
  get: "/google.longrunning.Operations/GetOperation",
  list: "/google.longrunning.Operations/ListOperations",
  wait: "/google.longrunning.Operations/WaitOperation",
  simulate: "/longrunning.testing.v1.SimulatorService/SimulateWork",
};

/** A connection whose end is no news. */
export function open(port: number): Socket {
  const socket = connect({ port, host: "127.0.0.1" });
  socket.on("error", () => {});
  return socket;
}

/** Has so many connections at any time: where one ends, a new one begins. */
export function always(count: number, port: number, use: (socket: Socket) => void): void {
  const begin = () => {
    const socket = open(port);
    socket.on("close", () => setTimeout(begin, 20));
    use(socket);
  };
  for (let i = 0; i < count; i++) begin();
}

/** Sends the same again and again behind a greeting, as fast as the server takes it. */
export function flood(
  greeting: Uint8Array,
  bytes: (round: number) => Uint8Array,
  { reads = true }: { readonly reads?: boolean } = {},
): Attack {
  return (port) =>
    always(1, port, (socket) => {
      if (reads) socket.resume();
      socket.write(greeting);
      let round = 0;
      const send = () => {
        while (!socket.destroyed && socket.write(bytes(round++)));
      };
      socket.on("drain", send);
      socket.on("connect", send);
    });
}
