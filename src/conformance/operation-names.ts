const TURNED = 8;

/**
 * A name of the same form that no operation has: the last characters of its ID are others of the same kind, digits
 * for digits and letters for letters, so that whoever looks at the form of an ID finds nothing wrong with it.
 */
export function unknownNameLike(name: string): string {
  const slash = name.lastIndexOf("/") + 1;
  const id = name.slice(slash);
  const turnable = id.match(/[0-9a-zA-Z]/g)?.length ?? 0;
  // A short ID may be a number that counts: many others near it are taken.
  if (turnable < TURNED) return `${name}00000007`;
  let left = TURNED;
  const turned = Array.from(id)
    .reverse()
    .map((character) => (/[0-9a-zA-Z]/.test(character) && left-- > 0 ? turn(character) : character));
  return name.slice(0, slash) + turned.reverse().join("");
}

const KINDS = ["0123456789", "abcdef", "ghijklmnopqrstuvwxyz", "ABCDEF", "GHIJKLMNOPQRSTUVWXYZ"];

function turn(character: string): string {
  const kind = KINDS.find((characters) => characters.includes(character)) ?? character;
  return kind.charAt((kind.indexOf(character) + kind.length / 2) % kind.length);
}

/** The collection that an operation is in, as ListOperations takes it: `operations`, or the parent's name. */
export function parentOf(name: string): string {
  if (name.startsWith("operations/")) return "operations";
  const at = name.lastIndexOf("/operations/");
  return at < 0 ? "operations" : name.slice(0, at);
}

/** Whether a name ends with `operations/{unique_id}`. */
export function endsWithId(name: string): boolean {
  return /(^|\/)operations\/[^/]+$/.test(name);
}
