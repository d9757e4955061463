import { BEHAVIOURS } from "./behaviours.ts";
import type { Client } from "./client.ts";

/**
 * The table of docs/clients.md: ✓ as it should be, – for what the client cannot be asked to, and a number for what
 * it shows in another way, with the reasons below.
 */
export function clientsTable(clients: readonly Client[]): string {
  const reasons: string[] = [];
  const numberOf = (why: string) => {
    if (!reasons.includes(why)) reasons.push(why);
    return reasons.indexOf(why) + 1;
  };
  const cell = ({ deviations }: Client, id: string) => {
    const deviation = deviations[id];
    if (deviation === undefined) return "✓";
    const mark = deviation.saw === undefined ? "–" : "≠";
    return `${mark} [${numberOf(deviation.why)}]`;
  };
  const rows = clients.map((client) => [client.title, ...BEHAVIOURS.map(({ id }) => cell(client, id))]);
  const head = ["client", ...BEHAVIOURS.map(({ title }) => title)];
  const table = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return [...table, "", ...reasons.map((why, index) => `${index + 1}. ${why}`)].join("\n");
}
