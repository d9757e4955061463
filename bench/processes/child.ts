import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A program to run as a process of its own, in whatever language: it answers each line that it is sent with a line. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
}

/** What waits for its line. */
interface Asked {
  resolve(answer: never): void;
  reject(reason: Error): void;
}

/**
 * A process of a bench that answers questions, one JSON line each, in the order in which they came:
 * `["usage"]` gets `{"value": …}` or `{"error": "…"}`.
 */
export class Child implements AsyncDisposable {
  readonly #process;
  readonly #ended: Promise<void>;
  readonly #asked: Asked[] = [];
  /** Why it answers no more. */
  #failure: Error | undefined;

  /** Runs it on one core where one is given, and everywhere where not. */
  constructor({ file, args }: Program, core?: number | undefined) {
    const [command, ...rest] = core === undefined ? [file, ...args] : [...pinnedTo(core), file, ...args];
    // The list has one element at least.
    this.#process = spawn(command as string, rest, { stdio: ["pipe", "pipe", "inherit"] });
    this.#process.once("error", (error) => this.#fail(error));
    this.#ended = new Promise((resolve) => {
      this.#process.once("close", () => {
        this.#fail(new Error(`"${file}" ended`));
        resolve();
      });
    });
    this.#process.stdin.on("error", () => {});
    createInterface(this.#process.stdout).on("line", (line) => {
      const { value, error } = JSON.parse(line);
      const asked = this.#asked.shift();
      if (error === undefined) asked?.resolve(value as never);
      else asked?.reject(new Error(error));
    });
  }

  /** Asks, and answers what the process says. Rejects where it refuses or ends. */
  ask<Answer = void>(question: string, ...args: readonly unknown[]): Promise<Answer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise<Answer>((resolve, reject) => {
      this.#asked.push({ resolve, reject });
      this.#process.stdin.write(`${JSON.stringify([question, ...args])}\n`);
    });
  }

  /** Ends the process: whatever it does, it ends with its input. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.stdin.destroy();
    this.#process.kill();
    await this.#ended;
  }

  #fail(reason: Error): void {
    this.#failure ??= reason;
    for (const asked of this.#asked.splice(0)) asked.reject(reason);
  }
}

function pinnedTo(core: number): readonly string[] {
  return ["taskset", "-c", String(core)];
}
