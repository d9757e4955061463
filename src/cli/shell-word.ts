const PLAIN = /^[\w./:@%+,=-]+$/;

/** A word as a POSIX shell takes it. */
export function shellWord(word: string): string {
  return isPlainWord(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Whether a word means itself in every shell. */
export function isPlainWord(word: string): boolean {
  return PLAIN.test(word);
}
