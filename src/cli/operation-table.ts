import { plainText } from "../server/plain-text.ts";
import type { OperationSummary } from "../summary/operation-summary.ts";
import { inColourOf } from "./colour.ts";

const HEADINGS = ["NAME", "STATE", "PROGRESS", "CREATED", "TYPE"] as const;

/** Columns that are as wide as at least one progress and one state, so that later rows stand below earlier ones. */
const LEAST_WIDTHS = [0, "CANCELLING".length, "PROGRESS".length, "2026-01-01 00:00:00Z".length, 0];

/** Operations as rows of a table, some at a time: what comes first says how wide the columns are. */
export class OperationTable {
  readonly #hasColour: boolean;
  #widths: readonly number[] | undefined;

  constructor(hasColour: boolean) {
    this.#hasColour = hasColour;
  }

  /** The rows of these operations, each with its newline; the first ones have the headings above them. */
  rows(operations: readonly OperationSummary[]): string {
    const rows = operations.map((operation) => ({ state: operation.state, cells: cellsOf(operation) }));
    let text = "";
    if (this.#widths === undefined) {
      this.#widths = HEADINGS.map((heading, i) =>
        Math.max(heading.length, LEAST_WIDTHS[i] ?? 0, ...rows.map(({ cells }) => cells[i]?.length ?? 0)),
      );
      text = this.#line(HEADINGS, (cell) => cell);
    }
    for (const { state, cells } of rows) {
      text += this.#line(cells, (cell, i) => (i === 1 && this.#hasColour ? inColourOf(state, cell) : cell));
    }
    return text;
  }

  #line(cells: readonly string[], dressed: (cell: string, i: number) => string): string {
    const last = cells.length - 1;
    const padded = cells.map((cell, i) => (i === last ? cell : cell.padEnd(this.#widths?.[i] ?? 0)));
    return `${padded.map(dressed).join("  ").trimEnd()}\n`;
  }
}

function cellsOf({ name, state, progress, createTime, type }: OperationSummary): readonly string[] {
  const percent = progress?.percent;
  return [
    plainText(name),
    state,
    percent === undefined ? "-" : `${Math.floor(percent)}%`,
    createTime === undefined
      ? "-"
      : createTime
          .toISOString()
          .replace("T", " ")
          .replace(/\.\d+Z$/, "Z"),
    type === "" ? "-" : plainText(type),
  ];
}
