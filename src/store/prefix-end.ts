const LAST_CHARACTER = 0x10ffff;
const BEFORE_SURROGATES = 0xd7ff;
const BEHIND_SURROGATES = 0xe000;

/** The first text, bytewise in UTF-8, that stands behind all that begin with a prefix; undefined where none does. */
export function prefixEnd(prefix: string): string | undefined {
  const characters = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  while (characters.at(-1) === LAST_CHARACTER) characters.pop();
  const last = characters.pop();
  if (last === undefined) return undefined;
  return String.fromCodePoint(...characters, last === BEFORE_SURROGATES ? BEHIND_SURROGATES : last + 1);
}
