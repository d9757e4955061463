// The blocks that Unicode's EastAsianWidth.txt has as wide or full-width, and pictures.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

const COMBINING = /\p{Mn}|\p{Me}|\u200d/u;

/** The text, with its end cut off where it would be wider than so many columns of a terminal. */
export function cutToWidth(text: string, columns: number): string {
  let [width, kept] = [0, ""];
  for (const character of text) {
    width += columnsOf(character);
    if (width > columns) return withoutLastColumn(kept, columns);
    kept += character;
  }
  return text;
}

function withoutLastColumn(text: string, columns: number): string {
  const characters = [...text];
  let width = characters.reduce((sum, character) => sum + columnsOf(character), 0);
  while (width >= columns && characters.length > 0) width -= columnsOf(characters.pop() ?? "");
  return columns > 0 ? `${characters.join("")}…` : "";
}

function columnsOf(character: string): number {
  if (COMBINING.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
