import "./dom.js";
import { createElement, Suspense } from "react";
import { expect, it } from "vitest";
import { useSuspenseOperation } from "../../src/react/index.ts";
import { Counting } from "../client/scripted-server.ts";
import { until } from "../until.ts";
import { openPage } from "./open-page.ts";
import { startCounting } from "./start-counting.ts";

it("has a Suspense wait for the first answer, and shows the rest", async () => {
  await using page = await openPage();
  const work = await startCounting(page.server.operations.manager);
  const Row = () => {
    const state = useSuspenseOperation(Counting, work.name);
    return state.status === "succeeded" ? state.response.value : state.status;
  };
  const { container } = page.render(createElement(Suspense, { fallback: "…" }, createElement(Row)));
  const texts = [container.textContent];
  await page.watching(1);
  texts.push(container.textContent);
  work.succeed("yes");
  await until(() => container.textContent === "yes");
  expect(texts).toEqual(["…", "running"]);
});
