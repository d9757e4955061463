import { monitorEventLoopDelay } from "node:perf_hooks";
import { answerQuestions, ownUsage } from "../processes/answer-questions.ts";

/** What a server of the bench does at a word of its parent, besides serving. */
export interface Peer {
  /** Where it listens for gRPC in cleartext HTTP/2, and for JSON in HTTP/1.1; undefined where it does not speak it. */
  readonly ports: { readonly grpc?: number | undefined; readonly json?: number | undefined };
  /** Keeps a new operation that runs until `end`, and answers its name. */
  begin(): string | Promise<string>;
  /** Ends the operation that was begun last. */
  end(): void;
  /** How many calls wait. */
  waiting(): number;
}

/** What every peer answers, whatever its language. */
export interface PeerAnswers {
  ports: Peer["ports"];
  begin: string;
  /** When it ended, in microseconds since the epoch. */
  end: number;
  waiting: number;
  watchLoop: undefined;
  /** The longest time between two turns of the event loop since `watchLoop`, in ms; null where there is no loop. */
  loopStall: number | null;
}

/** Answers the parent until it has heard enough. */
export function answerAs(peer: Peer): void {
  let delay = monitorEventLoopDelay({ resolution: 1 });
  answerQuestions({
    ...ownUsage,
    ports: () => peer.ports,
    begin: () => peer.begin(),
    end: () => {
      const nowUs = wallUs();
      peer.end();
      return nowUs;
    },
    waiting: () => peer.waiting(),
    watchLoop: () => {
      // A new one each time: where one is enabled again, it takes the time between for a delay.
      delay = monitorEventLoopDelay({ resolution: 1 });
      delay.enable();
    },
    loopStall: () => {
      delay.disable();
      return delay.max / 1e6;
    },
  });
}

/** Microseconds since the epoch: what two processes of a machine have in common. */
export function wallUs(): number {
  return (performance.timeOrigin + performance.now()) * 1_000;
}
