import type { Transport } from "@connectrpc/connect";
import { createConnectQueryKey } from "@connectrpc/connect-query";
import type { QueryClient } from "@tanstack/react-query";
import { type Operation, Operations } from "../../gen/google/longrunning/operations_pb.ts";

/** The answers of GetOperation that a page keeps, where `useQuery(Operations.method.getOperation, …)` finds them too. */
export class OperationCache {
  readonly #queryClient: QueryClient;
  readonly #transport: Transport;

  /** Of what is asked by this transport. */
  constructor(queryClient: QueryClient, transport: Transport) {
    this.#queryClient = queryClient;
    this.#transport = transport;
  }

  /** What an operation goes by in the cache. */
  hashOf(name: string): string {
    return this.#queryClient.defaultQueryOptions({ queryKey: this.#keyOf(name) }).queryHash;
  }

  /** Whether the operation is known, was not done when it was last heard of, and could be asked for then. */
  isRunning(hash: string): boolean {
    const state = this.#queryClient.getQueryCache().get<Operation>(hash)?.state;
    return state?.status === "success" && state.data?.done === false;
  }

  /** Keeps a newer state, for all who show the operation. */
  write(operation: Operation): void {
    const queryKey = this.#keyOf(operation.name);
    const query = this.#queryClient.getQueryCache().get(this.hashOf(operation.name));
    // An answer that is still under way may be older than this state, and would take its place.
    void query?.cancel({ revert: true });
    this.#queryClient.setQueryData(queryKey, operation);
  }

  /** Calls GetOperation, and keeps its answer or what it threw. Calls nobody where nobody shows the operation. */
  async refetch(name: string): Promise<void> {
    await this.#queryClient.refetchQueries({ queryKey: this.#keyOf(name), exact: true, type: "active" });
  }

  /** Calls the listener whenever anything has changed in the cache, with its hash. Answers what ends that. */
  subscribe(listener: (hash: string) => void): () => void {
    return this.#queryClient.getQueryCache().subscribe(({ query }) => listener(query.queryHash));
  }

  #keyOf(name: string) {
    return createConnectQueryKey({
      schema: Operations.method.getOperation,
      input: { name },
      transport: this.#transport,
      cardinality: "finite",
    });
  }
}
