import "./dom.js";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createOperations, type Handler, MemoryStore, serve } from "longrunning";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { archiveService } from "../../examples/archive/archive-service.ts";
import { CompressFile } from "../../examples/archive/compress-file.ts";
import {
  ArchiveService,
  type CompressFileMetadataSchema,
  type CompressFileRequestSchema,
  type CompressFileResponseSchema,
} from "../../examples/archive/gen/archive/v1/archive_pb.ts";
import { openApp } from "../../examples/react/open-app.tsx";
import { until } from "../until.ts";

type CompressFileHandler = Handler<
  typeof CompressFileResponseSchema,
  typeof CompressFileMetadataSchema,
  typeof CompressFileRequestSchema
>;

const page = readFileSync(fileURLToPath(new URL("../../docs/react.md", import.meta.url)), "utf8");

describe("docs/react.md", () => {
  const examples = Array.from(
    page.matchAll(/<!-- (\S+) -->\n```tsx\n([\s\S]*?)```/g),
    ([, file = "", code]) => ({
      file,
      code,
    }),
  );

  it.each(examples)("shows $file as it is", ({ file, code }) => {
    expect(code).toBe(readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), "utf8"));
  });
});

describe("the page of docs/react.md", () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "longrunning-react-"));
    await writeFile(join(root, "report.txt"), "hello");
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it("starts, shows how far the work is, and shows its result", async () => {
    const end = Promise.withResolvers<void>();
    await using app = await openPage(async ({ progress }) => {
      await progress({ bytesRead: 30n, bytesTotal: 120n });
      await end.promise;
      return { path: "report.txt.gz", sizeBytes: 17n };
    });
    await app.press("Compress report.txt");
    await until(() => app.content.querySelector("progress")?.getAttribute("value") === "25");
    end.resolve();
    await until(() => app.content.textContent === "report.txt.gz: 17 bytes");
  });

  it("cancels", async () => {
    await using app = await openPage(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        }),
    );
    await app.press("Compress report.txt");
    await app.press("Cancel");
    await until(() => app.content.textContent.startsWith("cancelled: "));
  });

  it("shows what the work failed with", async () => {
    await using app = await openPage(async () => {
      throw new RangeError("the disk is full");
    });
    await app.press("Compress report.txt");
    await until(() => app.content.textContent.startsWith("failed: "));
  });

  /** The page, and a server whose work does this. */
  async function openPage(work: CompressFileHandler) {
    const operations = createOperations({
      store: new MemoryStore(),
      methods: [[ArchiveService.method.compressFile, CompressFile]],
      logger: { error: () => {} },
    });
    operations.manager.register(CompressFile, work);
    const server = await serve({
      operations,
      port: 0,
      routes: (router) => router.service(ArchiveService, archiveService(operations.manager, root)),
    });
    const content = document.createElement("main");
    const app = openApp(content, server.url);
    const buttonOf = (label: string) =>
      Array.from(content.querySelectorAll("button")).find(({ textContent }) => textContent === label);
    return {
      content,
      async press(label: string) {
        await until(() => buttonOf(label) !== undefined);
        buttonOf(label)?.click();
      },
      async [Symbol.asyncDispose]() {
        app.unmount();
        await server.close();
        await operations.close();
      },
    };
  }
});
