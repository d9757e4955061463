import { create } from "@bufbuild/protobuf";
import { AnySchema, StructSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import {
  ErrorInfoSchema,
  HelpSchema,
  LocalizedMessageSchema,
} from "../../gen/google/rpc/error_details_pb.ts";
import { OperationMetadataSchema } from "../../gen/longrunning/v1/operation_metadata_pb.ts";
import type { Principal } from "../../src/access/principal.ts";
import { rowOf } from "./console-page.ts";
import { anyOf, failure, keepOperation } from "./keep-operation.ts";
import { HTTP1 } from "./matrix.ts";
import { type OpenConsole, openConsole } from "./open-console.ts";
import { useBrowser } from "./use-browser.ts";

/** Text that is a script wherever it is taken for HTML. */
const TRAP = `"><img src=x onerror="window.isCaught=true"><script>window.isCaught=true</script>`;

const browser = useBrowser(HTTP1);

describe("a token", () => {
  it("with characters that no header may hold is not sent, and one hears why", async () => {
    await using site = await openConsole(browser(), { create: withTokens("secret").create });
    await signIn(site, "ключ 😀");
    await site.page.getByRole("alert").getByText("characters that no token has").waitFor();
    await signIn(site, "Bearer secret");
    await site.page.getByRole("status").getByText("Live").waitFor();
    expect(site.complaints).toEqual([]);
  });

  it("that holds no longer is asked for again, and one is where one was", async () => {
    const tokens = withTokens("first");
    await using site = await openConsole(browser(), {
      create: tokens.create,
      hash: "#/?filter=done%3Dfalse",
    });
    await signIn(site, "first");
    await site.page.getByRole("status").getByText("Live").waitFor();
    tokens.change("second");
    await site.restart();
    await site.page.getByText("The token was refused").waitFor();
    await signIn(site, "second");
    await site.page.getByRole("status").getByText("Live").waitFor();
    expect(new URL(site.page.url()).hash).toBe("#/?filter=done%3Dfalse");
  });

  it("that may not list is told so, and may go on", async () => {
    const { access } = withTokens("secret").create;
    const authorize = () => false;
    await using site = await openConsole(browser(), { create: { access: { ...access, authorize } } });
    await signIn(site, "secret");
    await site.page.getByRole("alert").getByText("The list was refused:").waitFor();
    expect(await site.page.getByRole("button", { name: "Sign out" }).isVisible()).toBe(true);
  });
});

describe("an operation", () => {
  it("says what it likes, and it stays text", async () => {
    await using site = await openConsole(browser());
    const name = `operations/${TRAP}`;
    await keepOperation(site.store, name, {
      metadata: anyOf(OperationMetadataSchema, { message: TRAP }),
      result: failure(TRAP, [
        create(AnySchema, { typeUrl: TRAP, value: new TextEncoder().encode(TRAP) }),
        anyOf(ErrorInfoSchema, { reason: TRAP, domain: TRAP, metadata: { [TRAP]: TRAP } }),
        anyOf(LocalizedMessageSchema, { locale: TRAP, message: `${TRAP}\n${TRAP}` }),
        anyOf(StructSchema, { fields: { [TRAP]: { kind: { case: "stringValue", value: TRAP } } } }),
        anyOf(HelpSchema, { links: LINKS.map((url) => ({ description: TRAP, url })) }),
      ]),
    });
    await rowOf(site.page, name).getByRole("link").click();
    const error = site.page.getByRole("region", { name: "Error" });
    await error.waitFor();
    const found = await site.page.evaluate(() => ({
      images: document.images.length,
      scripts: document.querySelectorAll("body script").length,
      isCaught: "isCaught" in window,
    }));
    const links = await error
      .getByRole("link")
      .evaluateAll((all) => all.map((link) => link.getAttribute("href")));
    expect([found, links, site.complaints]).toEqual([
      { images: 0, scripts: 0, isCaught: false },
      ["https://example.com/", `https://example.com/${TRAP}`],
      [],
    ]);
  });

  it("moves where watching is off, and after its server was started again", async () => {
    await using site = await openConsole(browser(), { create: { watch: false } });
    const name = await site.start({ duration: "60s", steps: 4 });
    await site.go(`#/${name}`);
    await site.page.getByText("Asks every 2 s").waitFor();
    site.clock.advance(15_000);
    await site.page.getByText("25 %").waitFor();
    await site.restart();
    await site.page.getByText("ABORTED", { exact: true }).waitFor();
    expect(site.log.calls).not.toContain("WatchOperations");
  });

  it("tells of its end after its server was started again", async () => {
    await using site = await openConsole(browser());
    await site.go(`#/${await site.start({ duration: "60s", steps: 4 })}`);
    await site.page.getByRole("status").getByText("Live").waitFor();
    await site.restart();
    await site.page.getByText("ABORTED", { exact: true }).waitFor();
    expect(site.complaints).toEqual([]);
  });
});

/** Addresses of which the last two lead to pages. */
const LINKS = [
  ...[
    "javascript:window.isCaught=true",
    "JaVaScRiPt:window.isCaught=true",
    " javascript:window.isCaught=true",
  ],
  ...[
    "data:text/html,<script>1</script>",
    "vbscript:x",
    "//example.com",
    "/assets",
    "file:///etc/passwd",
    TRAP,
  ],
  ...["https://example.com/", `https://example.com/${TRAP}`],
];

it("offers the simulator when a server that was away can tell that it has one", async () => {
  await using site = await openConsole(browser());
  await site.page.route("**/grpc.health.v1.Health/List", (route) => route.abort());
  await site.page.reload();
  await site.page.getByRole("status").getByText("Live").waitFor();
  const before = await site.page.getByRole("button", { name: "Simulate…" }).count();
  await site.page.unrouteAll();
  await site.page.getByRole("button", { name: "Simulate…" }).waitFor();
  expect(before).toBe(0);
});

it("keeps a dialog open for who marks text in it and lets go beside it", async () => {
  await using site = await openConsole(browser());
  await site.page.getByRole("button", { name: "Simulate…" }).click();
  const field = await site.page.getByLabel("Payload of the response").boundingBox();
  if (field === null) throw new Error("the field is not shown");
  await site.page.mouse.move(field.x + 20, field.y + 10);
  await site.page.mouse.down();
  await site.page.mouse.move(5, 5, { steps: 3 });
  await site.page.mouse.up();
  const isOpen = await site.page.getByRole("dialog").isVisible();
  await site.page.mouse.click(5, 5);
  await site.page.getByRole("dialog").waitFor({ state: "detached" });
  expect(isOpen).toBe(true);
});

it("sends its policy with every file that the page loads, whether or not the browser has it already", async () => {
  await using site = await openConsole(browser());
  await site.page.getByRole("status").getByText("Live").waitFor();
  const files = new Set(
    site.requests.filter((address) => /\/(?:assets\/.*)?$/.test(new URL(address).pathname)),
  );
  const policies: string[] = [];
  for (const file of files) {
    const first = await fetch(file);
    const etag = first.headers.get("etag") ?? "";
    const again = await fetch(file, { headers: { "if-none-match": etag } });
    const [head, post] = [
      await fetch(file, { method: "HEAD" }),
      await fetch(file, { method: "POST", body: "x" }),
    ];
    for (const { status, headers } of [first, again, head, post]) {
      policies.push(`${status} ${headers.get("content-security-policy")?.split(";")[0]}`);
    }
  }
  const each = ["200", "304", "200", "405"].map((status) => `${status} default-src 'none'`);
  expect([files.size >= 3, policies]).toEqual([true, Array.from(files, () => each).flat()]);
});

/** A server that lets in whoever has the one token. */
function withTokens(first: string) {
  let valid = first;
  const authenticate = ({ header }: { readonly header: Headers }): Principal | undefined => {
    const authorization = header.get("authorization");
    if (authorization === null) return undefined;
    if (authorization !== `Bearer ${valid}`)
      throw new ConnectError("the token has expired", Code.Unauthenticated);
    return { id: "alice", scopes: [] };
  };
  return {
    create: { access: { authenticate, scopes: false } } as const,
    change(next: string) {
      valid = next;
    },
  };
}

async function signIn({ page }: OpenConsole, token: string): Promise<void> {
  await page.getByLabel("Bearer token").fill(token);
  await page.getByLabel("Bearer token").press("Enter");
}
