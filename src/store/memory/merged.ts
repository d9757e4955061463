import { compareInList } from "../list-order.ts";
import type { ListPosition } from "../operation-store.ts";

/** Lists that are in the order of a List, as one that is. No more of them is read than is asked for. */
export function* merged(lists: readonly Iterable<ListPosition>[]): Iterable<ListPosition> {
  const walks = lists.map((list) => list[Symbol.iterator]());
  const heads = walks.map((walk) => walk.next());
  for (;;) {
    let first = -1;
    let least: ListPosition | undefined;
    for (const [i, head] of heads.entries()) {
      if (head.done || (least !== undefined && compareInList(head.value, least) > 0)) continue;
      least = head.value;
      first = i;
    }
    const walk = walks[first];
    if (walk === undefined || least === undefined) return;
    yield least;
    heads[first] = walk.next();
  }
}
