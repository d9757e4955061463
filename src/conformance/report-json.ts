import type { ConformanceReport } from "./check-result.ts";

/** A report for machines: the report itself, and how many results of each outcome there are. */
export function reportInJson(report: ConformanceReport): string {
  const count = (outcome: string) => report.results.filter((result) => result.outcome === outcome).length;
  const { target, conforms, protocols, calls, results } = report;
  const counts = { passed: count("passed"), failed: count("failed"), notApplicable: count("not applicable") };
  return `${JSON.stringify({ target, conforms, protocols, calls, counts, results }, undefined, 2)}\n`;
}
