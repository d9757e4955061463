import { expect, it } from "vitest";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { openManager } from "./open-manager.ts";

it("a parent of a client's choice begins no line of its own in the log", async () => {
  const { manager, logged, ended } = openManager();
  const fail = () => {
    throw new Error("the disk is gone");
  };
  const { name } = await manager.start(SimulateWork, fail, { parent: "a\nforged: \u001b[2J" });
  await ended(name);
  expect(logged.map(({ message }) => message)).toEqual([
    `the work of operation ${JSON.stringify(name)} failed`,
  ]);
});
