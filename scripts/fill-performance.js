// Puts the tables of bench/results into docs/performance.md, between the comments that mark them, and draws its chart.
import { readFileSync, writeFileSync } from "node:fs";
import { performanceChart } from "../bench/tables/chart.ts";
import { performanceTables } from "../bench/tables/page.ts";

const page = new URL("../docs/performance.md", import.meta.url);
const filled = readFileSync(page, "utf8").replace(
  /(<!-- performance -->\n\n)[\s\S]*?(\n\n<!-- end of performance -->)/,
  (_, before, after) => before + performanceTables() + after,
);
writeFileSync(page, filled);
writeFileSync(new URL("../docs/performance.svg", import.meta.url), performanceChart());
