import { isIP } from "node:net";

/** Clients may call a server by any number of names. */
const MOST_KNOWN = 64;

/**
 * Which hosts calls may be for. A page of a browser whose own name has come to lead to this machine (DNS rebinding) calls
 * as if it came from the server itself: only the name tells it from honest callers. An IP address is no name, and
 * `localhost`, with all below it, is this machine's alone.
 */
export class AllowedHosts {
  readonly #names: readonly string[];
  readonly #isHttp2Judged: boolean;
  readonly #known = new Set<string>();

  /**
   * Besides those, these names: `.example.com` is that name and every one below it. No browser speaks HTTP/2 without TLS,
   * but proxies do, and pass names on: those need not be judged. Throws a TypeError for what is no name.
   */
  constructor(names: readonly string[], { isHttp2Judged }: { readonly isHttp2Judged: boolean }) {
    for (const name of names) {
      if (!isHostName(name)) throw new TypeError(`allowedHosts: "${name}" is not the name of a host`);
    }
    this.#isHttp2Judged = isHttp2Judged;
    this.#names = ["localhost", ".localhost", ...names.map((name) => name.toLowerCase())];
  }

  /** Whether a call may be for an authority: a host, with or without a port. What is none, or missing, is not judged here. */
  allows(authority: string | undefined, isHttp2: boolean): boolean {
    if (isHttp2 && !this.#isHttp2Judged) return true;
    if (authority === undefined || this.#known.has(authority)) return true;
    const host = hostIn(authority);
    if (host === undefined) return true;
    const name = host.replace(/\.$/, "");
    const isAllowed =
      isIP(name.replace(/^\[|\]$/g, "")) !== 0 || this.#names.some((one) => covers(one, name));
    if (isAllowed && this.#known.size < MOST_KNOWN) this.#known.add(authority);
    return isAllowed;
  }
}

/** Whether a text is the name of a host, or begins with a dot and stands for those below one too. */
export function isHostName(text: string): boolean {
  const name = text.toLowerCase().replace(/^\./, "");
  return name !== "" && hostIn(name) === name && !/[@:/?#]/.test(name);
}

function covers(allowed: string, name: string): boolean {
  return allowed.startsWith(".") ? name === allowed.slice(1) || name.endsWith(allowed) : name === allowed;
}

/** The host as a URL has it: in lower case, and an IP address in its usual form. */
function hostIn(authority: string): string | undefined {
  return URL.canParse(`http://${authority}`) ? new URL(`http://${authority}`).hostname : undefined;
}
