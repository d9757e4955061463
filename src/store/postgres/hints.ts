/** The longest payload of a NOTIFY, in bytes: PostgreSQL takes less than 8,000. */
const PAYLOAD_BYTES = 7_900;

/** How many payloads tell of one set of changes; beyond, they say no more than that there are many. */
const MOST_PAYLOADS = 32;

/** What stands for the names where they are too many. */
const MANY = "*";

/** What stands before a handler, and before no name. */
const WORK = "\t";

/** What is told of work that waits for this handler, in the place of a name. */
export function hintOfWork(handler: string): string {
  return WORK + handler;
}

/** The handler of which a hint tells that work waits for it; undefined where it is the name of an operation. */
export function handlerOfHint(hint: string): string | undefined {
  return hint.startsWith(WORK) ? hint.slice(WORK.length) : undefined;
}

/** As many names as may wait to be told; of more is told that there are many. */
export const MOST_NAMES = 10_000;

/** The payloads that tell of operations: the sender, and names, each behind a line break, which no name has. */
export function payloadsOf(sender: string, names: ReadonlySet<string>): string[] {
  if (names.size > MOST_NAMES) return [`${sender}\n${MANY}`];
  const payloads: string[] = [];
  let payload = sender;
  let bytes = sender.length;
  for (const name of names) {
    const length = Buffer.byteLength(name) + 1;
    if (length > PAYLOAD_BYTES / 2 || name.includes("\n")) return [`${sender}\n${MANY}`];
    if (bytes + length > PAYLOAD_BYTES) {
      payloads.push(payload);
      payload = sender;
      bytes = sender.length;
    }
    payload += `\n${name}`;
    bytes += length;
  }
  payloads.push(payload);
  return payloads.length > MOST_PAYLOADS ? [`${sender}\n${MANY}`] : payloads;
}

/** What a payload says: who sent it, and which operations it names; undefined where it only says that there are many. */
export function readPayload(payload: string): { sender: string; names: readonly string[] | undefined } {
  const [sender = "", ...names] = payload.split("\n");
  return { sender, names: names.length === 1 && names[0] === MANY ? undefined : names };
}
