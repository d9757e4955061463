import type { Authorize } from "./authorize.ts";
import type { Principal } from "./principal.ts";

/**
 * Everybody may do everything with what they have started, and nothing with what others have: a name that is not
 * theirs, and one that nobody has, are refused alike with PERMISSION_DENIED.
 */
export function ownerOnly(): Authorize {
  return Object.assign(
    ({ principal, action, owner }: Parameters<Authorize>[0]) => action === "list" || owner === principal.id,
    { onlyOwn: true },
  );
}

/**
 * Whoever may read a parent sees and waits for the operations below it, whoever started them, and is told NOT_FOUND of
 * one that is not kept. `mayChange` says who may cancel and delete them: the same by default.
 */
export function byParent(
  mayRead: (principal: Principal, parent: string) => boolean | Promise<boolean>,
  mayChange = mayRead,
): Authorize {
  return ({ principal, action, parent }) =>
    (action === "cancel" || action === "delete" ? mayChange : mayRead)(principal, parent);
}
