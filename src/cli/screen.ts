import type { WriteStream } from "node:tty";

/** Where the program writes: results to its output, and all that is said of them beside it. */
export interface Screen {
  /** Writes to the output. */
  print(text: string): void;
  /** Writes a line beside the output, above a line that is drawn. */
  say(line: string): void;
  /** Draws a line beside the output over the one drawn before; "" takes it away. For terminals alone. */
  draw(line: string): void;
  /** Whether what is said is seen on a terminal that lines can be drawn on. */
  readonly canDraw: boolean;
  /** How wide that terminal is, in characters. */
  readonly columns: number;
  /** Whether the output may have colours. */
  readonly hasColour: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

const ERASE_LINE = "\r\u001b[K";

/** The screen of a process. */
export function processScreen(env: Environment, wantsColour: boolean): Screen {
  const { stdout, stderr } = process;
  const isDumb = env["TERM"] === "dumb";
  const canDraw = isTerminal(stderr) && !isDumb;
  let drawn = "";
  return {
    print: (text) => void stdout.write(text),
    say(line) {
      stderr.write(`${drawn === "" ? "" : ERASE_LINE}${line}\n`);
      drawn = "";
    },
    draw(line) {
      if (line === drawn) return;
      stderr.write(ERASE_LINE + line);
      drawn = line;
    },
    canDraw,
    get columns() {
      return stderr.columns || 80;
    },
    hasColour: wantsColour && !env["NO_COLOR"] && isTerminal(stdout) && !isDumb,
  };
}

function isTerminal(stream: WriteStream): boolean {
  return stream.isTTY === true;
}
