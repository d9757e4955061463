import { useEffect, useState } from "react";
import { systemClock } from "../time/clock.ts";
import { Recurring } from "../time/recurring.ts";

/** The time, in milliseconds since the epoch; once more every `intervalMs` while `isRunning`. */
export function useNow(intervalMs: number, isRunning = true): number {
  const [nowMs, tell] = useState(() => systemClock.wallMs());
  useEffect(() => {
    if (!isRunning) return;
    const ticking = new Recurring(
      systemClock,
      () => intervalMs,
      async () => tell(systemClock.wallMs()),
    );
    return () => void ticking.close();
  }, [intervalMs, isRunning]);
  return nowMs;
}
