import { createInterface } from "node:readline";

/** What a process answers, by the question. What is thrown is told to who asks. */
export type Answers = Readonly<Record<string, (...args: never[]) => unknown>>;

/** Answers the questions of `Child`, until the input ends; then the process ends too. */
export function answerQuestions(answers: Answers): void {
  const lines = createInterface(process.stdin);
  let last = Promise.resolve();
  lines.on("line", (line) => {
    last = last.then(async () => {
      const [question, ...args] = JSON.parse(line);
      try {
        const value = (await answers[question]?.(...(args as never[]))) ?? null;
        process.stdout.write(`${JSON.stringify({ value })}\n`);
      } catch (error) {
        process.stdout.write(`${JSON.stringify({ error: String(error) })}\n`);
      }
    });
  });
  lines.once("close", () => process.exit());
}

/** The question-and-answer way to say how a process fares, for every Node process of a bench. */
export const ownUsage: Answers = {
  usage: (): Usage => {
    const { user, system } = process.cpuUsage();
    return { cpuUs: user + system, rssBytes: process.memoryUsage.rss() };
  },
  collect: async () => {
    // Twice: what the first finds unused may hold on to more.
    for (let i = 0; i < 2; i++) {
      globalThis.gc?.();
      await new Promise(setImmediate);
    }
  },
};

/** What a process has used, by its operating system. */
export interface Usage {
  /** Processor time of all its threads since it began, in microseconds. */
  readonly cpuUs: number;
  readonly rssBytes: number;
}
