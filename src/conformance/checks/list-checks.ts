import { Code } from "@connectrpc/connect";
import type { Check } from "../check.ts";
import { Deviation, NotApplicable } from "../deviation.ts";
import { answered } from "../expectations.ts";
import { shownOperation, stateOf } from "../seen-operation.ts";
import { aip, operationsProto } from "../source.ts";
import { expectSo } from "../world.ts";
import { threeOperations } from "./three-operations.ts";
import { sizeForTenPages, walk } from "./walk.ts";

const page = (sentence: string) => aip(158, "Guidance", sentence);

export const listChecks: readonly Check[] = [
  {
    id: "list/is-answered",
    sentence: "List of the collection that operations are in answers OK, unless the server leaves List out",
    level: "must",
    source: operationsProto(
      "Operations.ListOperations",
      "Lists operations that match the specified filter in the request. If the server doesn't support this method, it returns `UNIMPLEMENTED`.",
    ),
    needs: [],
    async ask(world) {
      const answer = await world.caller.list({ pageSize: 1 });
      if (answer.ok || answer.refusal.code !== Code.Unimplemented)
        void answered(answer, "List with a page_size of 1");
      else throw new NotApplicable((await world.missing("list")) ?? "");
    },
  },
  {
    id: "list/shows-what-was-started",
    sentence: "An operation that was started is in the list",
    level: "must",
    source: operationsProto(
      "Operations.ListOperations",
      "Lists operations that match the specified filter in the request.",
    ),
    needs: ["list", "succeeds"],
    async ask(world) {
      const name = await world.start("succeeds");
      const { names } = await walk(world, 100);
      expectSo(
        names.includes(name),
        `${names.length} operations, and "${name}" is not among them`,
        "a list that has it",
      );
    },
  },
  {
    id: "list/what-it-shows-can-be-got",
    sentence: "Get finds the operations that the list shows",
    level: "must",
    source: aip(
      132,
      "Guidance",
      "APIs must provide a List method for resources unless the resource is a singleton.",
    ),
    needs: ["list", "succeeds"],
    async ask(world) {
      await threeOperations(world);
      const { operations } = answered(await world.caller.list({ pageSize: 3 }), "List with a page_size of 3");
      for (const { name } of operations) {
        answered(await world.caller.get(name), `Get of "${name}", which the list shows`);
      }
    },
  },
  {
    id: "list/agrees-with-get",
    sentence: "The list shows a done operation as Get does",
    level: "must",
    source: aip(
      132,
      "Response message",
      "The response message must include one repeated field corresponding to the resources being returned.",
    ),
    needs: ["list", "succeeds"],
    async ask(world) {
      const got = await world.ended("succeeds");
      let token = "";
      for (let pages = 0; pages < 60; pages++) {
        const request = { pageSize: 100, ...(token !== "" && { pageToken: token }) };
        const { operations, nextPageToken } = answered(await world.caller.list(request), "List");
        const listed = operations.find(({ name }) => name === got.name);
        if (listed !== undefined) {
          const saw = `${shownOperation(listed)} in the list`;
          expectSo(
            stateOf(listed) === stateOf(got),
            saw,
            `${shownOperation(got)} as by Get, and the same metadata`,
          );
          return;
        }
        if (nextPageToken === "") break;
        token = nextPageToken;
      }
      throw new NotApplicable("the operation is not in the list; list/shows-what-was-started tells of that");
    },
  },
  {
    id: "list/walk-has-each-once",
    sentence: "A walk through all pages ends, and has each operation once",
    level: "must",
    source: page(
      'If the end of the collection has been reached, the next_page_token field must be empty. This is the only way to communicate "end-of-collection" to users.',
    ),
    needs: ["list", "succeeds"],
    async ask(world) {
      const three = await threeOperations(world);
      const { names: all } = await walk(world, 100);
      const { names, hasEnded } = await walk(world, sizeForTenPages(all.length));
      expectSo(
        hasEnded,
        "a page token that leads to the same page again",
        "an empty next_page_token at the end",
      );
      expectEachOnce(
        names,
        three.filter((name) => all.includes(name)),
      );
    },
  },
  {
    id: "list/walk-survives-starts",
    sentence: "A walk during which operations are started has each older one once",
    level: "should",
    source: page(
      "If the end of the collection has not been reached (or if the API can not determine in time), the API must provide a next_page_token.",
    ),
    needs: ["list", "succeeds"],
    async ask(world) {
      const three = await threeOperations(world);
      const { names: before } = await walk(world, 100);
      const { names, pages } = await walk(world, sizeForTenPages(before.length), async () => {
        for (let i = 0; i < 3; i++) await world.start("succeeds");
      });
      if (pages < 2) throw new NotApplicable("the list has one page only");
      expectEachOnce(
        names,
        three.filter((name) => before.includes(name)),
      );
    },
  },
];

/** Nothing is there twice, and these are there: others may come and go on a server that somebody else uses too. */
function expectEachOnce(seen: readonly string[], expected: readonly string[]): void {
  const twice = seen.find((name, at) => seen.indexOf(name) !== at);
  if (twice !== undefined) throw new Deviation(`"${twice}" more than once`, "each operation once");
  const missing = expected.filter((name) => !seen.includes(name));
  expectSo(missing.length === 0, `"${missing[0]}" on no page`, "each operation once");
}
