/** Does something with each of these, `atATime` of them at a time; answers what comes of it, by their names. */
export function inTurns<Item, Value>(
  items: readonly (readonly [name: string, item: Item])[],
  atATime: number,
  act: (entry: readonly [name: string, item: Item]) => Promise<Value>,
): ReadonlyMap<string, Promise<Value>> {
  const turns: Promise<unknown>[] = [];
  return new Map(
    items.map((entry, at) => {
      const acted = (turns[at % atATime] ?? Promise.resolve()).then(() => act(entry));
      // Whoever asks for it hears of what went wrong.
      turns[at % atATime] = acted.catch(() => {});
      return [entry[0], acted];
    }),
  );
}
