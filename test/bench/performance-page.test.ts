import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { performanceChart } from "../../bench/tables/chart.ts";
import { performanceTables } from "../../bench/tables/page.ts";

const docs = new URL("../../docs/", import.meta.url);

it("docs/performance.md has the tables of the results that are kept", () => {
  expect(readFileSync(new URL("performance.md", docs), "utf8")).toContain(performanceTables());
});

it("docs/performance.svg is drawn from the results that are kept", () => {
  expect(readFileSync(new URL("performance.svg", docs), "utf8")).toBe(performanceChart());
});
