import type { World } from "../world.ts";

/** Three operations to list, by their names; checks leave them where they are. */
export function threeOperations(world: World): Promise<readonly string[]> {
  return world.once("three operations", async () => [
    await world.start("succeeds"),
    await world.start("succeeds"),
    await world.start("succeeds"),
  ]);
}
