import type { Client } from "pg";
import { systemClock } from "../../time/clock.ts";

/** How long the other end of a connection may take to agree that it ends. */
const PATIENCE_MS = 1_000;

/** Ends a connection. Resolves soon, also where the other end says nothing any more. */
export async function endConnection(client: Client): Promise<void> {
  const callOff = systemClock.after(PATIENCE_MS, () => client.connection.stream.destroy());
  await client.end().catch(() => {});
  callOff();
}
