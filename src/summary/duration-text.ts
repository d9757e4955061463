/** A duration as people read it, in two units at the most: `18s`, `3m 5s`, `2h 10m`, `4d 1h`. */
export function durationText(ms: number): string {
  if (ms > 0 && ms < 1_000) return `${Math.round(ms)}ms`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return both(`${minutes}m`, seconds % 60, "s");
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return both(`${hours}h`, minutes % 60, "m");
  return both(`${Math.floor(hours / 24)}d`, hours % 24, "h");
}

function both(large: string, small: number, unit: string): string {
  return small === 0 ? large : `${large} ${small}${unit}`;
}
