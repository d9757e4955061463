import { base64Encode } from "@bufbuild/protobuf/wire";
import { hexDump } from "./hex-dump.ts";

/** So many bytes are shown; base64 has four characters for three of them. */
const MOST_SHOWN = 4_096;

/** Bytes of which nothing else is known; `what` says why, behind their number. */
export function BytesView({ bytes, what }: { readonly bytes: Uint8Array; readonly what?: string }) {
  if (bytes.length === 0) return <p className="hint">no bytes</p>;
  const shown = bytes.subarray(0, MOST_SHOWN);
  const rest = bytes.length - shown.length;
  return (
    <div className="bytes">
      <p className="hint">
        {bytes.length.toLocaleString()} {bytes.length === 1 ? "byte" : "bytes"}
        {what && ` ${what}`}
        {rest > 0 && `, the first ${shown.length.toLocaleString()}`}
      </p>
      <Scrolled label="Bytes in hexadecimal">{hexDump(shown)}</Scrolled>
      <details>
        <summary>Base64</summary>
        <Scrolled label="Bytes in base64">{base64Encode(shown)}</Scrolled>
      </details>
    </div>
  );
}

/** Text that may be too long for its box; so the keyboard must reach it. */
function Scrolled({ label, children }: { readonly label: string; readonly children: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within reach of the keyboard
    <section tabIndex={0} aria-label={label} className="scrolled">
      <pre>{children}</pre>
    </section>
  );
}
