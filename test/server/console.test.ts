import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { brotliCompressSync } from "node:zlib";
import { create } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HttpRuleSchema } from "../../gen/google/api/http_pb.ts";
import { type OpenServerOptions, openServer, RUNNING } from "./open-server.ts";

const PAGE = "<!doctype html><title>Operations</title>";
const SCRIPT = `console.log(${JSON.stringify("x".repeat(5_000))});`;
const STYLE = "body { margin: 0 }";
const SCRIPT_PATH = "/assets/index-4f2b.js";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "longrunning-console-"));
  await mkdir(join(folder, "assets"));
  await writeFile(join(folder, "index.html"), PAGE);
  await writeFile(join(folder, "assets/index-4f2b.js"), SCRIPT);
  await writeFile(join(folder, "assets/index-9c1d.css.br"), brotliCompressSync(STYLE));
  await writeFile(join(folder, "assets/notes.txt"), "not of the page");
  await writeFile(join(folder, "secret.html"), "not of the page");
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a server with a console", () => {
  it("serves the page at /", async () => {
    await using server = await openConsole();
    const answer = await fetch(server.url);
    expect([answer.status, answer.headers.get("content-type"), await answer.text()]).toEqual([
      200,
      "text/html; charset=utf-8",
      PAGE,
    ]);
  });

  it("serves it with a query too", async () => {
    await using server = await openConsole();
    expect(await (await fetch(`${server.url}/?from=mail`)).text()).toBe(PAGE);
  });

  it.each(["/", SCRIPT_PATH])("lets %s load from this server alone, and into no frame", async (path) => {
    await using server = await openConsole();
    const { headers } = await fetch(`${server.url}${path}`);
    expect(
      ["content-security-policy", "x-content-type-options", "referrer-policy"].map((name) =>
        headers.get(name),
      ),
    ).toEqual([
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "nosniff",
      "no-referrer",
    ]);
  });

  it("lets what has its hash in its name be kept, and the page not without asking", async () => {
    await using server = await openConsole();
    const answers = await Promise.all(["/", SCRIPT_PATH].map((path) => fetch(`${server.url}${path}`)));
    expect(answers.map(({ headers }) => headers.get("cache-control"))).toEqual([
      "no-cache",
      "public, max-age=31536000, immutable",
    ]);
  });

  it.each(["identity", "gzip"])("answers 304 to who has it, by %s", async (encoding) => {
    await using server = await openConsole();
    const first = await get(server.url, { "accept-encoding": encoding });
    const tag = String(first.headers["etag"]);
    const again = await get(server.url, {
      "accept-encoding": encoding,
      "if-none-match": `"other", W/${tag}`,
    });
    expect([again.status, again.body.length, again.headers["etag"]]).toEqual([304, 0, tag]);
  });

  it("has another ETag for another form of a file", async () => {
    await using server = await openConsole();
    const forms = await Promise.all(
      ["identity", "gzip"].map((encoding) => get(server.url, { "accept-encoding": encoding })),
    );
    expect(new Set(forms.map(({ headers }) => headers["etag"])).size).toBe(2);
  });

  it("compresses a file for who takes it compressed", async () => {
    await using server = await openConsole();
    const { headers, body } = await get(`${server.url}${SCRIPT_PATH}`, {
      "accept-encoding": "br, gzip;q=0.5",
    });
    expect([headers["content-encoding"], headers["vary"], body.length < 200]).toEqual([
      "gzip",
      "Accept-Encoding",
      true,
    ]);
  });

  it("sends it as it is to who refuses gzip", async () => {
    await using server = await openConsole();
    const { headers } = await get(`${server.url}${SCRIPT_PATH}`, { "accept-encoding": "gzip;q=0" });
    expect(headers["content-encoding"]).toBeUndefined();
  });

  it("answers HEAD as GET, without the body", async () => {
    await using server = await openConsole();
    const [head, whole] = [
      await get(server.url, { "accept-encoding": "identity" }, "HEAD"),
      await get(server.url, { "accept-encoding": "identity" }),
    ];
    expect([head.status, head.headers["content-length"], head.headers["etag"], head.body]).toEqual([
      200,
      String(PAGE.length),
      whole.headers["etag"],
      "",
    ]);
  });

  it.each(["GET", "HEAD"])("answers %s over HTTP/2 too", async (method) => {
    await using server = await openConsole();
    const session = connect(server.url);
    try {
      const stream = session.request({ ":method": method, ":path": SCRIPT_PATH });
      const [headers] = await once(stream, "response");
      expect([headers[":status"], headers["content-length"], (await buffer(stream)).length]).toEqual([
        200,
        String(SCRIPT.length),
        method === "HEAD" ? 0 : SCRIPT.length,
      ]);
    } finally {
      session.close();
    }
  });

  it("answers 304 to a HEAD of who has it", async () => {
    await using server = await openConsole();
    const etag = String((await get(server.url, {})).headers["etag"]);
    expect((await get(server.url, { "if-none-match": etag }, "HEAD")).status).toBe(304);
  });

  it("goes on with a connection that has sent a body nobody wants", async () => {
    await using server = await openConsole();
    const refused = await fetch(server.url, { method: "POST", body: "x".repeat(1_000_000) });
    expect([refused.status, (await fetch(server.url)).status]).toEqual([405, 200]);
  });

  it.each(["POST", "PUT", "DELETE", "OPTIONS"])("answers %s with 405", async (method) => {
    await using server = await openConsole();
    const { status, headers } = await fetch(server.url, { method });
    expect([status, headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  it.each([
    "/assets/notes.txt",
    "/secret.html",
    "/index.html",
    "/assets/",
    "/assets/../secret.html",
    "/assets/..%2fsecret.html",
    "/%2e%2e/package.json",
    "//etc/passwd",
    "/assets/index-4f2b.js/",
    "/assets/constructor",
  ])("serves nothing at %s", async (path) => {
    await using server = await openConsole();
    expect((await get(server.url, {}, "GET", path)).status).toBe(404);
  });

  it("serves what it finds compressed by brotli as what it is", async () => {
    await using server = await openConsole();
    const answer = await fetch(`${server.url}/assets/index-9c1d.css`);
    expect([answer.headers.get("content-type"), await answer.text()]).toEqual([
      "text/css; charset=utf-8",
      STYLE,
    ]);
  });

  it("leaves its paths to services that are there", async () => {
    const rule = create(HttpRuleSchema, {
      selector: "google.longrunning.Operations.GetOperation",
      pattern: { case: "get", value: SCRIPT_PATH },
    });
    await using server = await openConsole({ rest: { rules: [rule] } });
    const answer = await fetch(`${server.url}${SCRIPT_PATH}?name=${RUNNING}`);
    expect(await answer.json()).toMatchObject({ name: RUNNING });
  });

  it("changes nothing of what is served besides", async () => {
    await using server = await openConsole();
    const statuses = await Promise.all(
      ["/openapi.json", "/v1/operations", `/v1/${RUNNING}`, "/nothing"].map(
        async (path) => (await fetch(`${server.url}${path}`)).status,
      ),
    );
    expect(statuses).toEqual([200, 200, 200, 404]);
  });

  it("serves the page to everybody, where callers are asked who they are", async () => {
    await using server = await openConsole({ create: { access: { authenticate: () => undefined } } });
    const [page, list] = [await fetch(server.url), await fetch(`${server.url}/v1/operations`)];
    expect([page.status, list.status]).toEqual([200, 401]);
  });
});

it("serves no page unless it is asked to", async () => {
  await using server = await openServer();
  expect((await fetch(server.url)).status).toBe(404);
});

it("serves no page where it was not built", async () => {
  await using server = await openServer({ console: { folder: join(folder, "none") } });
  expect((await fetch(server.url)).status).toBe(404);
});

function openConsole(options: OpenServerOptions = {}) {
  return openServer({ ...options, console: { folder } });
}

/** A request as it is written: fetch would tidy the path up, and add headers. */
function get(
  url: string,
  headers: Readonly<Record<string, string>>,
  method = "GET",
  path = new URL(url).pathname,
) {
  const { hostname, port } = new URL(url);
  return new Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]>; body: string }>(
    (resolve, reject) => {
      const sent = request({ hostname, port, path, method, headers }, (response) => {
        let body = "";
        response.setEncoding("latin1");
        response.on("data", (text: string) => {
          body += text;
        });
        response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
      });
      sent.on("error", reject).end();
    },
  );
}
