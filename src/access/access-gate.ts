import { AsyncLocalStorage } from "node:async_hooks";
import type { PeerCertificate } from "node:tls";
import type { DescMethod } from "@bufbuild/protobuf";
import { type ContextValues, createContextKey, type HandlerContext } from "@connectrpc/connect";
import { inDomain } from "../operation/errors.ts";
import { isPrincipalId } from "../operation/principal-id.ts";
import type { Authenticate, CallHead } from "./authenticate.ts";
import { callerUnnamed, credentialsMissing, scopeInsufficient } from "./errors.ts";
import type { Principal } from "./principal.ts";
import { type ScopeOptions, scopesFor } from "./scopes.ts";

/** Who is let in. */
export interface AccessGateOptions {
  /** What finds out who calls. The first that knows, decides; a call that none of them knows is UNAUTHENTICATED. */
  readonly authenticate: Authenticate | readonly Authenticate[];
  /** The OAuth scopes that calls need. False: none are asked for. */
  readonly scopes?: ScopeOptions | false | undefined;
  /** Whether everybody may call a method without being asked who they are. */
  readonly isOpen: (method: DescMethod) => boolean;
  readonly errorDomain: string;
}

const principalKey = createContextKey<Principal | undefined>(undefined, { description: "principal" });
const certificateKey = createContextKey<PeerCertificate | undefined>(undefined, {
  description: "certificate",
});

/** Tells the gate of a verified certificate that the caller has shown. */
export function setCertificate(values: ContextValues, certificate: PeerCertificate): void {
  values.set(certificateKey, certificate);
}

/** Who calls; undefined where nobody is asked. For handlers of the user's own, and for interceptors. */
export function principalOf({ values }: Pick<HandlerContext, "values">): Principal | undefined {
  return values.get(principalKey);
}

/** Finds out who calls, before the body of a call is read, and remembers it while the call is answered. */
export class AccessGate {
  readonly #options: AccessGateOptions;
  readonly #authenticate: readonly Authenticate[];
  readonly #callers = new AsyncLocalStorage<Principal>();
  /** The scopes of which a call needs one, by its method. */
  readonly #needed = new Map<DescMethod, readonly string[]>();

  constructor(options: AccessGateOptions) {
    this.#options = options;
    const { authenticate } = options;
    this.#authenticate = typeof authenticate === "function" ? [authenticate] : authenticate;
  }

  /** Who makes the call that is answered here, or that has started the work that runs here. */
  get caller(): Principal | undefined {
    return this.#callers.getStore();
  }

  /**
   * Lets a call in, as Connect's request gate, or throws: UNAUTHENTICATED where nobody knows who calls, and
   * PERMISSION_DENIED where they have no scope for it. At once, where who calls is known at once: a promise would cost a
   * call a turn of the event loop.
   */
  admit(context: HandlerContext): void | Promise<void> {
    if (this.#options.isOpen(context.method)) return;
    try {
      const found = this.#identify(context);
      if (!isPromise(found)) this.#letIn(found, context);
      else return this.#letInLater(found, context);
    } catch (error) {
      throw inDomain(this.#options.errorDomain, error);
    }
  }

  async #letInLater(found: Promise<Principal | undefined>, context: HandlerContext): Promise<void> {
    try {
      this.#letIn(await found, context);
    } catch (error) {
      throw inDomain(this.#options.errorDomain, error);
    }
  }

  #letIn(principal: Principal | undefined, context: HandlerContext): void {
    if (principal === undefined) throw credentialsMissing();
    if (!isPrincipalId(principal.id)) throw callerUnnamed();
    this.#checkScopes(principal, context.method);
    context.values.set(principalKey, principal);
  }

  /** Does something for the caller of a call. */
  as<Value>(context: HandlerContext, act: () => Value): Value {
    const principal = principalOf(context);
    return principal === undefined ? act() : this.#callers.run(principal, act);
  }

  /** Goes on with a stream for the caller of a call. */
  async *each<Message>(context: HandlerContext, open: () => AsyncIterable<Message>): AsyncIterable<Message> {
    const messages = this.as(context, () => open()[Symbol.asyncIterator]());
    try {
      for (;;) {
        const next = await this.as(context, () => messages.next());
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await this.as(context, () => messages.return?.());
    }
  }

  #identify({ method, requestHeader: header, values }: HandlerContext): ReturnType<Authenticate> {
    return identify(this.#authenticate, { method, header, certificate: values.get(certificateKey) });
  }

  #checkScopes({ scopes: granted }: Principal, method: DescMethod): void {
    const { scopes = {} } = this.#options;
    if (scopes === false || granted === undefined) return;
    let needed = this.#needed.get(method);
    if (needed === undefined) {
      needed = scopesFor(method, scopes);
      this.#needed.set(method, needed);
    }
    if (needed.length > 0 && !needed.some((scope) => granted.includes(scope)))
      throw scopeInsufficient(needed);
  }
}

/** Asks one after the other, and waits only for those who do not know at once. */
function identify(all: readonly Authenticate[], call: CallHead): ReturnType<Authenticate> {
  for (const [i, one] of all.entries()) {
    const found = one(call);
    if (isPromise(found))
      return found.then((principal) =>
        principal === undefined ? identify(all.slice(i + 1), call) : principal,
      );
    if (found !== undefined) return found;
  }
  return undefined;
}

function isPromise(found: ReturnType<Authenticate>): found is Promise<Principal | undefined> {
  return typeof found === "object" && found !== null && "then" in found;
}
