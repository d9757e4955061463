import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { listeningUrl, runSource } from "../examples/source-process.ts";
import { BEHAVIOURS } from "./behaviours.ts";
import type { Client } from "./client.ts";
import { runCommand } from "./run-command.ts";
import { keepRecord } from "./run-record.ts";

/** A line of a client's program: what it saw, or that it has no way to ask. */
interface Line {
  readonly behaviour: string;
  readonly saw?: unknown;
  readonly missing?: boolean;
}

/** Tries a client on a server of its own: each behaviour is as it should be, or deviates exactly as is told. */
export function describeClient(client: Client): void {
  describe(client.title, () => {
    let lines: readonly Line[] = [];
    const shown: string[] = [];

    beforeAll(async () => {
      await client.install();
      lines = await linesOf(client);
    });

    afterAll(() => keepRecord(inject("records"), client.id, { lines, shown }));

    it.each(BEHAVIOURS)("shows: $id", ({ id, saw }) => {
      const line = lines.find(({ behaviour }) => behaviour === id);
      const deviation = client.deviations[id];
      const expected =
        deviation === undefined
          ? { saw }
          : deviation.saw === undefined
            ? { missing: true }
            : { saw: deviation.saw };
      expect(line, lines.map((line) => JSON.stringify(line)).join("\n")).toEqual({
        behaviour: id,
        ...expected,
      });
      shown.push(id);
    });

    it("has no deviation of a behaviour that there is not", () => {
      const ids = BEHAVIOURS.map(({ id }) => id);
      expect(Object.keys(client.deviations).filter((id) => !ids.includes(id))).toEqual([]);
    });
  });
}

async function linesOf(client: Client): Promise<readonly Line[]> {
  await using server = runSource("test/interop/interop-server.ts");
  const url = await listeningUrl(server);
  const output = await runCommand(client.program(url));
  return output
    .split("\n")
    .filter((line) => line.startsWith('{"behaviour"'))
    .map((line) => JSON.parse(line) as Line);
}
