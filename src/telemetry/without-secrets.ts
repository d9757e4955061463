const SHOWN = "[redacted]";

/**
 * Credentials by where they stand (headers, addresses, what is called a password), and by the form that they have
 * (`Authorization`'s schemes, JWTs whole or in part).
 */
const SECRETS: readonly [RegExp, string][] = [
  [/((?:proxy-)?authorization|(?:set-)?cookie)(["']?\s*[:=]\s*["']?)[^\r\n"']+/gi, `$1$2${SHOWN}`],
  [
    /(passw(?:or)?d|pwd|secret|(?:access|refresh|id|auth)[-_]?token|(?:api|private)[-_]?key)(["']?\s*[:=]\s*["']?)[^\s"',;&]+/gi,
    `$1$2${SHOWN}`,
  ],
  [/(token=)[^\s"',;&]+/gi, `$1${SHOWN}`],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, `$1 ${SHOWN}`],
  [/\beyJ[\w-]{8,}(?:\.[\w-]*)*/g, SHOWN],
  // Up to the last @, because a password may have one.
  [/(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@]{0,200}):\S{0,1000}@/gi, `$1:${SHOWN}@`],
  [/(\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/:@]{1,200}@/gi, `$1${SHOWN}@`],
];

/** More than a stack takes: a text that is longer is more likely a payload. */
const LONGEST = 16_384;

/** A text as a log shows it: without what looks like a credential, and cut off where it is very long. */
export function withoutSecrets(text: string): string {
  const shown = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return SECRETS.reduce((left, [secret, instead]) => left.replace(secret, instead), shown);
}
