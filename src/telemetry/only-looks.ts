import type { Interceptor } from "@connectrpc/connect";

/** By a symbol that every copy of this package has. */
const ONLY_LOOKS = Symbol.for("longrunning.telemetry.onlyLooks");

/** Says of an interceptor that it changes no message: so whoever answers need not copy for it what nobody may change. */
export function onlyLooking(interceptor: Interceptor): Interceptor {
  return Object.assign(interceptor, { [ONLY_LOOKS]: true });
}

/** Whether an interceptor is one that changes no message. */
export function onlyLooks(interceptor: Interceptor): boolean {
  return ONLY_LOOKS in interceptor;
}
