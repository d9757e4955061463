import type { DescMethod } from "@bufbuild/protobuf";
import type { Authenticate } from "./authenticate.ts";
import type { Authorize } from "./authorize.ts";
import type { ScopeOptions } from "./scopes.ts";

/** Who may call, and what they may do with operations. */
export interface AccessOptions {
  /** What finds out who calls. The first that knows, decides; a call that none of them knows is UNAUTHENTICATED. */
  readonly authenticate: Authenticate | readonly Authenticate[];
  /** What callers may do. `ownerOnly()` by default. */
  readonly authorize?: Authorize | undefined;
  /** The OAuth scopes that calls need; those of Google's APIs by default. False: none are asked for. */
  readonly scopes?: ScopeOptions | false | undefined;
  /** What nobody may ask without being let in: by default everybody may ask for health and, by reflection, for schemas. */
  readonly closed?: readonly ("health" | "reflection")[] | undefined;
}

const OPEN = {
  health: ["grpc.health.v1.Health"],
  reflection: ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"],
} as const;

/** Whether everybody may call a method without being asked who they are. */
export function isOpenBy({ closed = [] }: AccessOptions): (method: DescMethod) => boolean {
  const open = new Set<string>(
    (["health", "reflection"] as const).flatMap((one) => (closed.includes(one) ? [] : OPEN[one])),
  );
  return ({ parent }) => open.has(parent.typeName);
}
