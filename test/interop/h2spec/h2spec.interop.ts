import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { openServer, TLS } from "../../server/open-server.ts";
import { GET_OPERATION } from "../../server/raw-http.ts";
import { cache, runCommand } from "../run-command.ts";

const VERSION = "2.2.1";
const folder = join(cache, `h2spec-${VERSION}`);

beforeAll(async () => {
  const module = `github.com/summerwind/h2spec/cmd/h2spec@v${VERSION}+incompatible`;
  await runCommand({ file: "go", args: ["install", module], env: { GOBIN: folder, GOFLAGS: "" } });
});

/** Runs all cases, and answers how many there are, and which of them are not as the RFCs have it. */
async function checked(port: number, flags: readonly string[]) {
  const place = await mkdtemp(join(tmpdir(), "longrunning-h2spec-"));
  const report = join(place, "report.xml");
  const args = ["-h", "127.0.0.1", "-p", `${port}`, "-P", GET_OPERATION, "--strict", "-j", report, ...flags];
  // It ends with 1 where a case fails: the report says which.
  await runCommand({ file: join(folder, "h2spec"), args }).catch(() => {});
  const xml = await readFile(report, "utf8");
  await rm(place, { recursive: true });
  const cases = [
    ...xml.matchAll(/<testcase package="([^"]*)" classname="([^"]*)"[^>]*?(\/>|>[\s\S]*?<\/testcase>)/g),
  ];
  const wrong = cases.flatMap(([, section, name, end]) =>
    /<failure|<error/.test(end ?? "") ? [`${section}: ${name}`] : [],
  );
  return { count: cases.length, wrong };
}

// The cases of HTTP/2's and HPACK's rules (RFC 7540, RFC 7541), written in Go by Moto Ishizawa.
describe(`h2spec ${VERSION}`, () => {
  it("finds nothing wrong over TLS", async () => {
    await using server = await openServer({ tls: TLS });
    expect(await checked(server.port, ["-t", "-k"])).toEqual({ count: 146, wrong: [] });
  });

  it("finds nothing wrong in cleartext, but that the port speaks HTTP/1.1 too", async () => {
    await using server = await openServer();
    expect(await checked(server.port, [])).toEqual({
      count: 146,
      wrong: ["http2/3.5: Sends invalid connection preface"],
    });
  });
});
