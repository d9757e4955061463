// What moves the cursor, colours, rings, or turns the direction of writing: C0, DEL, C1, and the marks of UAX #9.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that are looked for
const UNSHOWN = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const UNSHOWN_IN_DOCUMENT = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text of somebody else on one line of a terminal, which it cannot make do anything: `\u001b` for an escape. */
export function plainText(text: string): string {
  return text.toWellFormed().replaceAll(UNSHOWN, escaped);
}

/** The same for JSON, and for YAML whose strings are all quoted: an escape in a string is the character itself. */
export function plainDocument(text: string): string {
  return text.replaceAll(UNSHOWN_IN_DOCUMENT, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
