import { Code } from "@connectrpc/connect";
import { shownRefusal } from "../answer.ts";
import type { Check } from "../check.ts";
import { NotApplicable } from "../deviation.ts";
import { expectRefusal, SLACK_MS } from "../expectations.ts";
import { aip, operationsProto } from "../source.ts";
import { expectSo, type World } from "../world.ts";
import { notFoundSource } from "./state-checks.ts";
import { walk } from "./walk.ts";

const goneSource = aip(
  135,
  "Guidance",
  "The completion of a delete operation must mean that the existence of the resource has reached a steady-state and reading resource state returns a consistent response.",
);

/** The name of an operation that was done, and has been deleted. */
function deleted(world: World): Promise<string> {
  return world.once("deleted operation", async () => {
    const { name } = await world.untilDone(await world.start("succeeds"));
    const answer = await world.caller.delete(name);
    if (!answer.ok) throw new NotApplicable(`the delete was refused: ${shownRefusal(answer.refusal)}`);
    return name;
  });
}

export const deleteChecks: readonly Check[] = [
  {
    id: "delete/unknown-name-is-not-found",
    sentence: "Delete of a name that no operation has answers NOT_FOUND",
    level: "must",
    source: notFoundSource,
    needs: ["delete"],
    async ask(world) {
      const answer = await world.caller.delete(await world.unknownName());
      expectRefusal(answer, "Delete of an unknown name", Code.NotFound);
    },
  },
  {
    id: "delete/forgets",
    sentence: "Get of an operation that was deleted answers NOT_FOUND",
    level: "must",
    source: goneSource,
    needs: ["delete", "succeeds"],
    async ask(world) {
      const answer = await world.caller.get(await deleted(world));
      expectRefusal(answer, "Get of a deleted operation", Code.NotFound);
    },
  },
  {
    id: "delete/leaves-the-list",
    sentence: "An operation that was deleted is not listed",
    level: "must",
    source: goneSource,
    needs: ["delete", "list", "succeeds"],
    async ask(world) {
      const name = await deleted(world);
      const { names } = await walk(world, 100);
      expectSo(!names.includes(name), `"${name}" in the list`, "a list without it");
    },
  },
  {
    id: "delete/releases-those-who-wait",
    sentence: "Whoever waits for an operation is answered when it is deleted",
    level: "should",
    source: operationsProto(
      "Operations.DeleteOperation",
      "This method indicates that the client is no longer interested in the operation result.",
    ),
    isTimed: true,
    needs: ["delete", "wait", "lasts"],
    async ask(world) {
      const name = await world.start("lasts");
      const goingAway = new AbortController();
      const waiting = world.caller.wait(name, { seconds: 20n, nanos: 0 }, { signal: goingAway.signal });
      const answered = waiting.then(() => true);
      await world.pause(300);
      if (await Promise.race([answered, world.pause(0).then(() => false)])) {
        throw new NotApplicable("Wait answered before the operation was deleted");
      }
      const answer = await world.caller.delete(name);
      if (!answer.ok)
        throw new NotApplicable(`an operation that runs is not deleted: ${shownRefusal(answer.refusal)}`);
      const isReleased = await Promise.race([answered, world.pause(SLACK_MS).then(() => false)]);
      goingAway.abort(new DOMException("nobody answers", "AbortError"));
      expectSo(
        isReleased,
        `no answer within ${SLACK_MS} ms of the delete`,
        "an answer, NOT_FOUND for example",
      );
    },
  },
];
