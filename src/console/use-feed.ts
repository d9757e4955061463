import { createClient } from "@connectrpc/connect";
import { useTransport } from "@connectrpc/connect-query";
import { useEffect, useEffectEvent, useState } from "react";
import { OperationsWatchService } from "../../gen/longrunning/v1/watch_pb.ts";
import type { WatchRequest } from "../client/watch-attempt.ts";
import { systemClock } from "../time/clock.ts";
import type { Changes } from "./changes.ts";
import { type FeedState, OperationsFeed } from "./operations-feed.ts";

/** What is heard of. */
export interface FeedOptions {
  /** What the request depends on: another key is another call. Undefined: nothing is heard of for now. */
  readonly key: string | undefined;
  /** Asked when a call begins; undefined where nothing can change. */
  request(): WatchRequest | undefined;
  onChanges(changes: Changes): void;
}

/** Hears of operations while a component is shown. Answers how. */
export function useFeed({ key, request, onChanges }: FeedOptions): FeedState {
  const transport = useTransport();
  const [state, setState] = useState<FeedState>("connecting");
  const begin = useEffectEvent(request);
  const tell = useEffectEvent(onChanges);
  useEffect(() => {
    if (key === undefined) return;
    const asked = begin();
    if (asked === undefined) {
      setState("settled");
      return;
    }
    const stop = new AbortController();
    const { watchOperations } = createClient(OperationsWatchService, transport);
    const feed = new OperationsFeed(watchOperations, systemClock, {
      onChanges: (changes) => tell(changes),
      onState: (next) => {
        if (!stop.signal.aborted) setState(next);
      },
    });
    void feed.run(asked, stop.signal);
    return () => {
      stop.abort();
      setState("connecting");
    };
  }, [key, transport]);
  return state;
}
