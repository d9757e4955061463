import type { Compression } from "@connectrpc/connect/protocol";
import type { CallForm } from "./call-form.ts";
import type { DirectMethod } from "./direct-method.ts";

/** A request that can be answered here, going by its headers. */
export interface DirectRequest {
  readonly method: DirectMethod;
  readonly form: CallForm;
  /** In milliseconds; undefined where the caller gives it any time. */
  readonly timeoutMs: number | undefined;
  /** What the answer is compressed with, where it is large; undefined: nothing. */
  readonly compression: Compression | undefined;
}
