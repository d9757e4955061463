import { createClient, createRouterTransport } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import {
  WatchOperationsResponse_End_Reason as EndReason,
  OperationsWatchService,
  type WatchOperationsRequest,
} from "../../gen/longrunning/v1/watch_pb.ts";
import { applied } from "../../src/console/changes.ts";
import { type FeedState, OperationsFeed } from "../../src/console/operations-feed.ts";
import { operationNotFound } from "../../src/operation/errors.ts";
import { systemClock } from "../../src/time/clock.ts";

const LIVE = { event: { case: "snapshotComplete", value: {} } } as const;
const running = (name: string) => ({ event: { case: "operation", value: { name } } }) as const;
const ended = (reason: EndReason) => ({ event: { case: "end", value: { reason } } }) as const;

describe("a feed of a page", () => {
  it("calls again when the server has stopped, and shows what is there then", async () => {
    const feed = await runFeed({ parent: "" }, [
      [running("a"), running("b"), LIVE, ended(EndReason.SERVER_STOPPING)],
      [running("b"), running("c"), LIVE, ended(EndReason.ALL_DONE)],
    ]);
    expect(feed.shown).toEqual(["b", "c"]);
  });

  it("says how it hears of changes", async () => {
    const feed = await runFeed({ parent: "" }, [
      [LIVE, ended(EndReason.TIME_UP)],
      [LIVE, ended(EndReason.ALL_DONE)],
    ]);
    expect(feed.states).toEqual(["connecting", "live", "reconnecting", "live", "settled"]);
  });

  it("keeps what is not told of again, where it asked for names", async () => {
    const feed = await runFeed({ names: ["b"] }, [[running("b"), LIVE, ended(EndReason.ALL_DONE)]], ["a"]);
    expect(feed.shown).toEqual(["b", "a"]);
  });

  it("does not call again where it was refused", async () => {
    const feed = await runFeed({ names: ["a"] }, []);
    expect([feed.states, feed.calls]).toEqual([["connecting", "refused"], 1]);
  });

  it("ends without a word when nobody listens any more", async () => {
    const stop = new AbortController();
    const feed = await runFeed({ parent: "" }, [[LIVE, "silence"]], [], stop);
    expect(feed.states).toEqual(["connecting", "live"]);
  });
});

type Told = ReturnType<typeof running> | ReturnType<typeof ended> | typeof LIVE | "silence";

/** Runs a feed against a server that answers its calls so, one after another, and the rest with NOT_FOUND. */
async function runFeed(
  request: Partial<Pick<WatchOperationsRequest, "names" | "parent">>,
  answers: readonly (readonly Told[])[],
  before: readonly string[] = [],
  stop = new AbortController(),
) {
  let calls = 0;
  const transport = createRouterTransport((router) =>
    router.service(OperationsWatchService, {
      async *watchOperations(_, { signal }) {
        const answer = answers[calls++];
        if (answer === undefined) throw operationNotFound("a");
        for (const told of answer) {
          if (told !== "silence") yield told;
          else await new Promise((resolve) => signal.addEventListener("abort", resolve));
        }
      },
    }),
  );
  const states: FeedState[] = [];
  let shown = before.map((name) => ({ name }) as Parameters<typeof applied>[0][number]);
  const { watchOperations } = createClient(OperationsWatchService, transport);
  const feed = new OperationsFeed(watchOperations, systemClock, {
    onChanges: (changes) => {
      shown = applied(shown, changes);
    },
    onState: (state) => {
      states.push(state);
      if (state === "live" && answers[calls - 1]?.includes("silence")) stop.abort();
    },
  });
  await feed.run(request, stop.signal);
  return { states, calls, shown: shown.map(({ name }) => name) };
}
