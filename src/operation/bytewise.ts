/** Compares two texts by their UTF-8 bytes, as PostgreSQL's collation "C" and SQLite's BINARY do. */
export function compareBytewise(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const unitA = a.charCodeAt(i);
    const unitB = b.charCodeAt(i);
    if (unitA !== unitB) return bytewiseRank(unitA) - bytewiseRank(unitB);
  }
  return a.length - b.length;
}

// In UTF-16 a surrogate sorts below U+E000, in UTF-8 the character that it is half of sorts above U+FFFF.
function bytewiseRank(codeUnit: number): number {
  return codeUnit >= 0xd800 && codeUnit <= 0xdfff ? codeUnit + 0x10000 : codeUnit;
}
