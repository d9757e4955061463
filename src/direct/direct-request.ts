import type { CallForm } from "./call-form.ts";
import type { DirectMethod } from "./direct-method.ts";

/** A request that can be answered here, going by its headers. */
export interface DirectRequest {
  readonly method: DirectMethod;
  readonly form: CallForm;
  /** In milliseconds; undefined where the caller gives it any time. */
  readonly timeoutMs: number | undefined;
  /** What the caller accepts an answer to be compressed with; undefined: nothing. */
  readonly acceptedEncodings: string | undefined;
}
