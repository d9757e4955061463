import type { OperationObserver, WorkObserver } from "./operation-observer.ts";

/** Version, ids and flags, as W3C writes them; a later version may have more behind. */
const TRACE_PARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}(?:-[\w.-]{1,100})?$/;

/** Calls what somebody else has written, and answers undefined where that throws. */
type Hear = <Value>(tell: () => Value) => Value | undefined;

/**
 * The observer, whose faults are its own: operations fare as if it had heard nothing. `onFault` is called with what it
 * throws, or rejects with where it is an async function.
 */
export function harmlessObserver(
  observer: OperationObserver,
  onFault: (fault: unknown) => void,
): OperationObserver {
  const hear: Hear = (tell) => {
    try {
      const heard = tell();
      if (heard instanceof Promise) heard.catch(onFault);
      return heard;
    } catch (fault) {
      onFault(fault);
      return undefined;
    }
  };
  return {
    traceParent: () => wellFormed(hear(() => observer.traceParent?.())),
    started: (stored, type) => hear(() => observer.started?.(stored, type)),
    workBegins(stored, type) {
      const work = hear(() => observer.workBegins?.(stored, type));
      return work && harmlessWork(work, hear);
    },
    waitBegins(name) {
      const waitEnds = hear(() => observer.waitBegins?.(name));
      return (stored) => hear(() => waitEnds?.(stored));
    },
    leaseLost: (name) => hear(() => observer.leaseLost?.(name)),
    swept: (expired) => hear(() => observer.swept?.(expired)),
  };
}

function harmlessWork(work: WorkObserver, hear: Hear): WorkObserver {
  return {
    traceParent: wellFormed(hear(() => work.traceParent)),
    within(begin) {
      let begun: { readonly value: ReturnType<typeof begin> } | undefined;
      const beginOnce = () => {
        begun ??= { value: begin() };
        return begun.value;
      };
      hear(() => work.within(beginOnce));
      // Also where it was not let begin there, and whatever was answered.
      return beginOnce();
    },
    reported: () => hear(() => work.reported()),
    ended: (end) => hear(() => work.ended(end)),
  };
}

/** What is none, a store may refuse to keep. */
function wellFormed(traceParent: unknown): string | undefined {
  return typeof traceParent === "string" && TRACE_PARENT.test(traceParent) ? traceParent : undefined;
}
