import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frameOf } from "../../src/http2/frame.ts";
import { FrameReader } from "../../src/http2/frame-reader.ts";
import { framesOf, type SeenFrame } from "../server/frames-of.ts";

/** What a reader finds in pieces. */
function read(pieces: readonly Buffer[]): SeenFrame[] {
  const frames: SeenFrame[] = [];
  const reader = new FrameReader((kind, flags, stream, bytes, from, to) => {
    frames.push({ kind, flags, stream, payload: Buffer.from(bytes.subarray(from, to)) });
  });
  for (const piece of pieces) reader.read(piece);
  return frames;
}

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [0, ...at.map((place) => place % (bytes.byteLength + 1)).sort((a, b) => a - b)];
  return places.map((place, i) => bytes.subarray(place, places[i + 1] ?? bytes.byteLength));
}

const frames = fc.array(
  fc.tuple(fc.nat(255), fc.nat(255), fc.nat(2 ** 31 - 1), fc.uint8Array({ maxLength: 100 })),
  { minLength: 1, maxLength: 10 },
);

describe("a reader of frames", () => {
  it("finds the same, however they are cut", () => {
    fc.assert(
      fc.property(frames, fc.array(fc.nat(2_000), { maxLength: 30 }), (all, places) => {
        const bytes = Buffer.concat(
          all.map(([kind, flags, id, payload]) => frameOf(kind, flags, id, payload)),
        );
        expect(read(cut(bytes, places))).toEqual(framesOf(bytes));
      }),
    );
  });

  it("finds a frame that comes byte by byte", () => {
    const frame = frameOf(0, 1, 3, Buffer.from("abc"));
    expect(read([...frame].map((byte) => Buffer.from([byte])))).toEqual(framesOf(frame));
  });

  it("does not wait for a frame that is too large", () => {
    expect(() => read([Buffer.from([0, 0x40, 1, 0, 0, 0, 0, 0, 1])])).toThrow("a frame of 16385 bytes");
  });
});
