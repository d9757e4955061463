import type { Attack } from "./hostile-socket.ts";
import { HTTP1_ATTACKS } from "./http1-attacks.ts";
import { HTTP2_ATTACKS } from "./http2-attacks.ts";

/** What hostile clients do, by name. */
export const ATTACKS: Readonly<Record<string, Attack>> = { ...HTTP1_ATTACKS, ...HTTP2_ATTACKS };
