import { TOPICS } from "./check.ts";
import { CHECKS } from "./checks/all-checks.ts";

/** All checks, by topic, each with its level and where it is written. */
export function listOfChecks(): string {
  const byTopic = Map.groupBy(CHECKS, ({ id }) => id.slice(0, id.indexOf("/")));
  const chapters = Array.from(byTopic, ([topic, checks]) => {
    const lines = checks.map(
      ({ id, sentence, level, source }) =>
        `  ${id} (${level})\n    ${sentence}.\n    ${source.document}: ${source.url}\n`,
    );
    return `${TOPICS[topic] ?? topic}\n${lines.join("")}`;
  });
  return chapters.join("\n");
}
