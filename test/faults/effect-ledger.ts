import { existsSync, readFileSync } from "node:fs";

/** One line of what resumed-work.ts notes. */
export interface Effect {
  readonly what: "begin" | "stop" | "end";
  readonly name: string;
  readonly attempt: number;
  readonly pid: number;
}

/** What the work of all workers has done: a file that they append to. */
export class EffectLedger {
  readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  read(): readonly Effect[] {
    if (!existsSync(this.file)) return [];
    const lines = readFileSync(this.file, "utf8").split("\n").slice(0, -1);
    return lines.map((line) => {
      const [what, name = "", attempt, pid] = line.split(" ");
      // The lines are those of resumed-work.ts.
      return { what: what as Effect["what"], name, attempt: Number(attempt), pid: Number(pid) };
    });
  }

  /** How many attempts came to their end though another one of the same operation did so too: all but one were late. */
  get lateEnds(): number {
    const ends = this.read().filter(({ what }) => what === "end");
    return ends.length - new Set(ends.map(({ name }) => name)).size;
  }
}
