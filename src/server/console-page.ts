import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type {
  UniversalHandlerFn,
  UniversalServerRequest,
  UniversalServerResponse,
} from "@connectrpc/connect/protocol";
import type { ConsoleFile } from "./console-files.ts";

const compress = promisify(gzip);

/** The page loads from its own server alone, and nobody may put it into a frame. */
const SECURITY_HEADERS = {
  "content-security-policy": [
    ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"],
    ...["img-src 'self' data:", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

const FOR_EVER = "public, max-age=31536000, immutable";

/** Serves the files of the console, by GET and HEAD. */
export class ConsolePage {
  readonly #files: ReadonlyMap<string, ConsoleFile>;
  readonly #compressed = new Map<ConsoleFile, Promise<Uint8Array>>();

  constructor(files: ReadonlyMap<string, ConsoleFile>) {
    this.#files = files;
  }

  /** What answers requests for a path; undefined where it is none of the files. */
  find(path: string): UniversalHandlerFn | undefined {
    const file = this.#files.get(path);
    return file && ((request) => this.#answer(file, request));
  }

  async #answer(
    file: ConsoleFile,
    { method, header: asked }: UniversalServerRequest,
  ): Promise<UniversalServerResponse> {
    const header = new Headers(SECURITY_HEADERS);
    if (method !== "GET" && method !== "HEAD") {
      header.set("allow", "GET, HEAD");
      return { status: 405, header };
    }
    const isCompressed = takesGzip(asked.get("accept-encoding") ?? "");
    // Two forms of one file are two representations, each with a tag of its own.
    const etag = isCompressed ? file.etag.replace(/"$/, '-gzip"') : file.etag;
    header.set("etag", etag);
    header.set("vary", "Accept-Encoding");
    header.set("cache-control", file.isImmutable ? FOR_EVER : "no-cache");
    if (isKnown(asked.get("if-none-match") ?? "", etag)) return { status: 304, header };
    const content = isCompressed ? await this.#gzipped(file) : file.content;
    header.set("content-type", file.contentType);
    header.set("content-length", String(content.byteLength));
    if (isCompressed) header.set("content-encoding", "gzip");
    return { status: 200, header, ...(method === "GET" && { body: once(content) }) };
  }

  #gzipped(file: ConsoleFile): Promise<Uint8Array> {
    let content = this.#compressed.get(file);
    if (content === undefined) {
      content = compress(file.content, { level: 9 });
      this.#compressed.set(file, content);
    }
    return content;
  }
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

/** Whether a client takes gzip, as its Accept-Encoding says it. */
function takesGzip(accepted: string): boolean {
  return /(?:^|,)\s*gzip\s*(?:,|$|;\s*q=(?:1|0\.\d*[1-9]))/i.test(accepted);
}

/** Whether the client has this form already (RFC 9110, section 13.1.2: tags are compared weakly). */
function isKnown(tags: string, etag: string): boolean {
  return tags.split(",").some((tag) => {
    const known = tag.trim().replace(/^W\//, "");
    return known === "*" || known === etag;
  });
}
