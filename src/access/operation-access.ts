import type { HandlerContext } from "@connectrpc/connect";

import { parentIn } from "../operation/operation-name.ts";
import type { StoredOperation } from "../operation/stored-operation.ts";
import type { Action, Authorize } from "./authorize.ts";
import { accessDenied } from "./errors.ts";
import type { Principal } from "./principal.ts";

/** What one caller may do with operations. */
export class OperationAccess {
  readonly #authorize: Authorize;
  readonly #principal: Principal;

  constructor(authorize: Authorize, principal: Principal) {
    this.#authorize = authorize;
    this.#principal = principal;
  }

  /** The id of the caller. */
  get principal(): string {
    return this.#principal.id;
  }

  /** Whose operations alone a List can show; undefined where it may be anybody's. */
  get onlyOwner(): string | undefined {
    return this.#authorize.onlyOwn ? this.#principal.id : undefined;
  }

  /**
   * Throws PERMISSION_DENIED where the caller may not: at once, where that is known at once. `stored` is what is kept under
   * the name.
   */
  check(
    action: Exclude<Action, "list">,
    name: string,
    stored: StoredOperation | undefined,
  ): void | Promise<void> {
    const parent = stored?.parent ?? parentIn(name);
    const owner = stored?.principal;
    const may = this.#authorize({ principal: this.#principal, action, name, parent, owner });
    if (typeof may !== "boolean") return this.#checkLater(may, name);
    if (!may) throw accessDenied(name);
  }

  async #checkLater(may: Promise<boolean>, name: string): Promise<void> {
    if ((await may) !== true) throw accessDenied(name);
  }

  /** Throws PERMISSION_DENIED where the caller may not list the operations of that parent at all. */
  async checkList(parent: string): Promise<void> {
    const question = {
      principal: this.#principal,
      action: "list",
      name: "",
      parent,
      owner: undefined,
    } as const;
    if ((await this.#authorize(question)) !== true) throw accessDenied(parent);
  }

  /** Whether a List shows an operation to the caller: where Get would. */
  async shows({ name, parent, principal: owner }: StoredOperation): Promise<boolean> {
    return (
      (await this.#authorize({ principal: this.#principal, action: "get", name, parent, owner })) === true
    );
  }
}

/** What the caller of a call may do; undefined where nobody is asked who they are. */
export type AccessOf = (context: HandlerContext) => OperationAccess | undefined;
