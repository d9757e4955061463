/** Bytes without sense, the same for the same seed (xorshift). */
export function noise(length: number, seed: number): Buffer {
  let state = 2_463_534_242 + seed * 7_919;
  return Buffer.from(
    Array.from({ length }, () => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return state & 0xff;
    }),
  );
}
