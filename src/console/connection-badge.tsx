import { type ConnectionState, POLL_MS } from "./connection-state.ts";

const WORDS: Readonly<Record<ConnectionState, string>> = {
  connecting: "Connecting",
  live: "Live",
  reconnecting: "Reconnecting",
  settled: "Up to date",
  polling: `Asks every ${POLL_MS / 1_000} s`,
  away: "Server away",
};

/** How fresh what one sees is. */
export function ConnectionBadge({ state }: { readonly state: ConnectionState }) {
  return (
    <span className="connection" role="status" data-connection={state}>
      {WORDS[state]}
    </span>
  );
}
