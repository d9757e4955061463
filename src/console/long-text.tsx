/** So many characters of a text are shown: a page of which one reads more is better read elsewhere. */
const MOST_SHOWN = 16_384;

/** A text as it is; of a very long one the beginning, and how long it is. */
export function LongText({ children: text }: { readonly children: string }) {
  if (text.length <= MOST_SHOWN) return <>{text}</>;
  return (
    <>
      {beginningOf(text, MOST_SHOWN)}
      <span className="hint">
        … the first {count(MOST_SHOWN)} of {count(text.length)} characters
      </span>
    </>
  );
}

/** The first characters of a text, without half of one. */
export function beginningOf(text: string, length: number): string {
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, "");
}

function count(characters: number): string {
  return characters.toLocaleString();
}
