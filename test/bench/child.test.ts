import { afterEach, expect, it } from "vitest";
import { Child } from "../../bench/processes/child.ts";

const started: Child[] = [];

afterEach(async () => {
  for (const child of started.splice(0)) await child[Symbol.asyncDispose]();
});

it("gets the answers in the order of its questions", async () => {
  const child = start();
  const answers = await Promise.all([child.ask("slow", 1), child.ask("quick", 2)]);
  expect(answers).toEqual(["slow 1", "quick 2"]);
});

it("rejects with what the process refuses", async () => {
  await expect(start().ask("refused")).rejects.toThrow("no such luck");
});

it("rejects what is asked when the process ends", async () => {
  await expect(start().ask("end")).rejects.toThrow("ended");
});

it("rejects what is asked of a process that has ended", async () => {
  const child = start();
  await child.ask("end").catch(() => {});
  await expect(child.ask("quick", 1)).rejects.toThrow("ended");
});

it("rejects where there is no such program", async () => {
  const child = new Child({ file: "/no/such/program", args: [] });
  started.push(child);
  await expect(child.ask("quick", 1)).rejects.toThrow("ENOENT");
});

/** A process that answers. */
function start(): Child {
  const answering = new URL("../../bench/processes/answer-questions.ts", import.meta.url);
  const program = `
    import { answerQuestions } from ${JSON.stringify(answering.href)};
    answerQuestions({
      slow: async (n) => { await new Promise(setImmediate); return "slow " + n; },
      quick: (n) => "quick " + n,
      refused: () => { throw new Error("no such luck"); },
      end: () => process.exit(),
    });
  `;
  const child = new Child({ file: process.execPath, args: ["--input-type=module", "-e", program] });
  started.push(child);
  return child;
}
