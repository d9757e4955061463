import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A TCP proxy before a port, whose connections can be cut. */
export async function listenBefore(port: number) {
  const sockets = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => sockets.delete(socket));
    }
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const cutAll = (cut: (socket: Socket) => unknown) => {
    for (const socket of sockets) cut(socket);
  };
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    cutAll,
    async [Symbol.asyncDispose]() {
      const closed = once(proxy, "close");
      proxy.close();
      cutAll((socket) => socket.destroy());
      await closed;
    },
  };
}
