import { answerQuestions, ownUsage } from "../processes/answer-questions.ts";
import { type Crowd, type CrowdFigures, type Gathered, gatherCrowd } from "./crowd.ts";
import { handleThatWaits, type WaitingHandle } from "./handle.ts";
import { makeLoad } from "./load.ts";
import { startToDone } from "./start-to-done.ts";

// The process of the clients: it calls whom it is told to call, and tells how long the answers took.
let crowd: Gathered | undefined;
let handle: WaitingHandle | undefined;

answerQuestions({
  ...ownUsage,
  call: makeLoad,
  startToDone,
  park: async (wanted: Crowd): Promise<void> => {
    crowd = await gatherCrowd(wanted);
  },
  answersOfCrowd: (): Promise<CrowdFigures> | undefined => crowd?.answered,
  wait: (port: number, name: string): void => {
    handle = handleThatWaits(port, name);
  },
  known: () => handle?.known,
});
