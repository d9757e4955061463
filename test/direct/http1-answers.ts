import { type Answer, type Header, withoutDate } from "./call.ts";
import { shownBody } from "./shown-body.ts";

const LINE = "\r\n";

/** Reads the answers to requests of these methods. `isOver`: nothing more will come. */
export function answersIn(received: Buffer, methods: readonly string[], isOver: boolean): Answer[] {
  const answers: Answer[] = [];
  let at = 0;
  let interim: number[] = [];
  while (answers.length < methods.length) {
    const end = received.indexOf(LINE + LINE, at);
    if (end < 0) break;
    const [first = "", ...lines] = received.subarray(at, end).toString("latin1").split(LINE);
    const status = Number(first.split(" ")[1]);
    const headers = withoutDate(lines.map(headerIn));
    at = end + 4;
    if (status < 200) {
      interim.push(status);
      continue;
    }
    const isBare = methods[answers.length] === "HEAD" || status === 204 || status === 304;
    const read = isBare
      ? { body: Buffer.alloc(0), at, end: "complete" }
      : bodyAt(received, at, headers, isOver);
    if (read === undefined) break;
    at = read.at;
    const { trailers = [], end: how } = read;
    answers.push({ interim, status, headers, body: shownBody(read.body), trailers, end: how });
    interim = [];
  }
  return answers;
}

interface ReadBody {
  readonly body: Buffer;
  readonly at: number;
  readonly end: string;
  readonly trailers?: readonly Header[];
}

function bodyAt(
  received: Buffer,
  at: number,
  headers: readonly Header[],
  isOver: boolean,
): ReadBody | undefined {
  const rest = received.subarray(at);
  const whole = isChunked(headers) ? chunksIn(rest, at) : sizedIn(rest, at, headers, isOver);
  return whole ?? (isOver ? { body: rest, at: received.byteLength, end: "truncated" } : undefined);
}

function sizedIn(
  rest: Buffer,
  at: number,
  headers: readonly Header[],
  isOver: boolean,
): ReadBody | undefined {
  const length = headers.find(([name]) => name.toLowerCase() === "content-length")?.[1];
  if (length === undefined)
    return isOver ? { body: rest, at: at + rest.byteLength, end: "closed" } : undefined;
  const size = Number(length);
  return rest.byteLength < size
    ? undefined
    : { body: rest.subarray(0, size), at: at + size, end: "complete" };
}

function chunksIn(rest: Buffer, at: number): ReadBody | undefined {
  const chunks: Buffer[] = [];
  let from = 0;
  while (true) {
    const lineEnd = rest.indexOf(LINE, from);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(rest.subarray(from, lineEnd).toString(), 16);
    from = lineEnd + 2;
    if (size === 0) break;
    if (rest.byteLength < from + size + 2) return undefined;
    chunks.push(rest.subarray(from, from + size));
    from += size + 2;
  }
  const trailers: Header[] = [];
  while (true) {
    const lineEnd = rest.indexOf(LINE, from);
    if (lineEnd < 0) return undefined;
    const line = rest.subarray(from, lineEnd).toString("latin1");
    from = lineEnd + 2;
    if (line === "") return { body: Buffer.concat(chunks), at: at + from, end: "complete", trailers };
    trailers.push(headerIn(line));
  }
}

function isChunked(headers: readonly Header[]): boolean {
  return headers.some(([name, value]) => name.toLowerCase() === "transfer-encoding" && value === "chunked");
}

function headerIn(line: string): Header {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}
