/** The segment that stands for any one (AIP-159). */
const WILDCARD = "-";

/**
 * What tells which parents a List reads across, where a segment of `parent` is `-`: `projects/-` is every project, and
 * no resource below one. Undefined where none is: then it reads that parent alone.
 */
export function parentPattern(parent: string): ((parent: string) => boolean) | undefined {
  const pattern = parent.split("/");
  if (!pattern.includes(WILDCARD)) return undefined;
  return (other) => {
    const segments = other.split("/");
    const matches = (segment: string, i: number) => pattern[i] === WILDCARD || pattern[i] === segment;
    return segments.length === pattern.length && segments.every(matches);
  };
}
