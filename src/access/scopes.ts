import type { DescMethod } from "@bufbuild/protobuf";

/** Which OAuth scopes calls need. Whoever has one of those that are named for an RPC may call it. */
export interface ScopeOptions {
  /** For every RPC. `https://www.googleapis.com/auth/cloud-platform` by default. */
  readonly all?: readonly string[] | undefined;
  /**
   * For GetOperation, ListOperations, WaitOperation and WatchOperations, beside those for every RPC.
   * `https://www.googleapis.com/auth/cloud-platform.read-only` by default.
   */
  readonly read?: readonly string[] | undefined;
  /** For single RPCs in place of these, such as `google.longrunning.Operations/CancelOperation`. [] asks for none. */
  readonly byRpc?: Readonly<Record<string, readonly string[]>> | undefined;
}

const CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform";

/** The RPCs that change nothing. */
const READING = [
  ...["GetOperation", "ListOperations", "WaitOperation"].map((rpc) => `google.longrunning.Operations/${rpc}`),
  "longrunning.v1.OperationsWatchService/WatchOperations",
];

/** The scopes of which a call of the method needs one; none where it needs none. */
export function scopesFor({ parent, name }: DescMethod, options: ScopeOptions): readonly string[] {
  const rpc = `${parent.typeName}/${name}`;
  const { all = [CLOUD_PLATFORM], read = [`${CLOUD_PLATFORM}.read-only`], byRpc } = options;
  return byRpc?.[rpc] ?? (READING.includes(rpc) ? [...all, ...read] : all);
}
