import { BEHAVIOURS } from "./behaviours.ts";
import type { Client } from "./client.ts";

/** Whether a client has shown a behaviour, as it should be or as its deviation tells. */
export type Shown = (client: Client, behaviour: string) => boolean;

/**
 * The table of docs/clients.md: ✓ as it should be, – for what the client cannot be asked to, and ≠ for what it shows
 * in another way, with the reasons below; ✗ for what was not `shown` in a run.
 */
export function clientsTable(clients: readonly Client[], shown: Shown = () => true): string {
  const reasons: string[] = [];
  const numberOf = (why: string) => {
    if (!reasons.includes(why)) reasons.push(why);
    return reasons.indexOf(why) + 1;
  };
  const cell = (client: Client, id: string) => {
    if (!shown(client, id)) return "✗";
    const deviation = client.deviations[id];
    if (deviation === undefined) return "✓";
    const mark = deviation.saw === undefined ? "–" : "≠";
    return `${mark} [${numberOf(deviation.why)}]`;
  };
  const rows = clients.map((client) => [client.title, ...BEHAVIOURS.map(({ id }) => cell(client, id))]);
  const head = ["client", ...BEHAVIOURS.map(({ title }) => title)];
  const table = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return [...table, "", ...reasons.map((why, index) => `${index + 1}. ${why}`)].join("\n");
}
