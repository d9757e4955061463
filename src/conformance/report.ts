import { styleText } from "node:util";
import { TOPICS } from "./check.ts";
import type { CheckResult, ConformanceReport } from "./check-result.ts";
import { PROTOCOL_NAMES, type Protocol } from "./protocol.ts";

type Style = Parameters<typeof styleText>[0];

/** How a result is marked. */
const MARKS: Readonly<Record<CheckResult["outcome"], readonly [mark: string, style: Style]>> = {
  passed: ["✓", "green"],
  failed: ["✗", "red"],
  "not applicable": ["–", "dim"],
};

/** Writes a report for people, result by result, as they come. */
export class ReportWriter {
  readonly #write: (text: string) => void;
  readonly #paint: (style: Style, text: string) => string;
  #protocol: Protocol | undefined;
  #topic = "";
  /** Results of one topic that are not applicable for one reason: they are told of together. */
  #skipped: (CheckResult & { readonly outcome: "not applicable" })[] = [];

  /** `hasColour`: whether there is a person in front of it. */
  constructor(write: (text: string) => void, hasColour: boolean) {
    this.#write = write;
    this.#paint = (style, text) => (hasColour ? styleText(style, text, { validateStream: false }) : text);
  }

  /** Tells of one result. */
  add(result: CheckResult): void {
    const topic = result.id.slice(0, result.id.indexOf("/"));
    const isNew = result.protocol !== this.#protocol || topic !== this.#topic;
    const [last] = this.#skipped;
    const goesOn = !isNew && result.outcome === "not applicable" && last?.reason === result.reason;
    if (!goesOn) this.#tellSkipped();
    if (result.protocol !== this.#protocol) {
      this.#write(`\n${this.#paint(["bold", "underline"], PROTOCOL_NAMES[result.protocol])}\n`);
    }
    if (isNew) this.#write(`\n  ${this.#paint("bold", TOPICS[topic] ?? topic)}\n`);
    this.#protocol = result.protocol;
    this.#topic = topic;
    if (result.outcome === "not applicable") this.#skipped.push(result);
    else
      this.#line(
        result.outcome,
        result.id,
        result.sentence +
          (result.outcome === "failed" && result.level !== "must" ? ` (${result.level})` : ""),
      );
  }

  /** Tells what came of it all: each failure, with where it is written, and how many there were. */
  end(report: ConformanceReport): void {
    this.#tellSkipped();
    const failures = Map.groupBy(report.results.filter(isFailed), ({ id }) => id);
    if (failures.size > 0) this.#write(`\n${this.#paint(["bold", "underline"], "What was found")}\n`);
    for (const same of failures.values()) this.#tellFailure(same);
    this.#write(`\n${this.#paint("bold", summaryOf(report))}\n`);
  }

  #tellSkipped(): void {
    const [first, ...more] = this.#skipped;
    if (first === undefined) return;
    if (more.length === 0) this.#line("not applicable", first.id, first.reason);
    else this.#line("not applicable", `${this.#topic}/… (${more.length + 1} checks)`, first.reason);
    this.#skipped = [];
  }

  #line(outcome: CheckResult["outcome"], id: string, text: string): void {
    const [mark, style] = MARKS[outcome];
    const shown = `${id.padEnd(38)}  ${text}`;
    this.#write(
      `    ${this.#paint(style, mark)} ${outcome === "not applicable" ? this.#paint("dim", shown) : shown}\n`,
    );
  }

  #tellFailure(same: readonly FailedResult[]): void {
    const [first] = same;
    if (first === undefined) return;
    const { id, level, sentence, source } = first;
    const where = same.map(({ protocol }) => PROTOCOL_NAMES[protocol]).join(", ");
    this.#write(`\n  ${this.#paint("red", "✗")} ${this.#paint("bold", id)} (${level}) over ${where}\n`);
    this.#write(`    ${sentence}.\n`);
    for (const [saw, of] of Map.groupBy(same, (one) => one.saw)) {
      const [{ expected } = first] = of;
      const over =
        of.length === same.length
          ? ""
          : ` (${of.map(({ protocol }) => PROTOCOL_NAMES[protocol]).join(", ")})`;
      this.#write(`    saw       ${saw}${over}\n    expected  ${expected}\n`);
    }
    this.#write(this.#paint("dim", `    ${source.document}: “${source.sentence}”\n    ${source.url}\n`));
  }
}

type FailedResult = CheckResult & { readonly outcome: "failed" };

function isFailed(result: CheckResult): result is FailedResult {
  return result.outcome === "failed";
}

/** `conforms: 254 passed, 0 failed, 54 not applicable`, and what was asked. */
export function summaryOf({ target, protocols, results, calls, conforms }: ConformanceReport): string {
  const failed = results.filter(isFailed);
  const musts = failed.filter(({ level }) => level === "must").length;
  const passed = results.filter(({ outcome }) => outcome === "passed").length;
  const kinds = failed.length === 0 ? "" : ` (${musts} must, ${failed.length - musts} should)`;
  const counts = `${passed} passed, ${failed.length} failed${kinds}, ${results.length - passed - failed.length} not applicable`;
  const names = protocols.map((one) => PROTOCOL_NAMES[one]).join(", ");
  return `${target} ${conforms ? "conforms" : "does not conform"}: ${counts}\n${calls} calls over ${names}`;
}
