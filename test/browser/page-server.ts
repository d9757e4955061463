import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { TLS } from "../server/open-server.ts";

const TYPES: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript" };

/** Serves built pages from an origin of their own. */
export interface PageServer extends AsyncDisposable {
  /** `https://127.0.0.1:40123` */
  readonly origin: string;
}

/** Serves the files of a folder. */
export async function servePages(folder: string, secure: boolean): Promise<PageServer> {
  const answer: RequestListener = async ({ url = "" }, response) => {
    const path = new URL(url, "http://localhost").pathname;
    try {
      const content = await readFile(join(folder, path));
      response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "text/plain" }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  };
  const server = secure ? createSecureServer(TLS, answer) : createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    origin: `${secure ? "https" : "http"}://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
