// Prints the names of failed tests, and "tests: N passed, N failed" from vitest's own reports, in the files that are given.
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";

let passed = 0;
const failures = [];
for (const file of process.argv.slice(2)) {
  if (!existsSync(file)) {
    // A suite that has told of nothing has failed.
    failures.push(`${file} is not there`);
    continue;
  }
  const { numPassedTests, testResults } = JSON.parse(readFileSync(file, "utf8"));
  passed += numPassedTests;
  failures.push(...testResults.flatMap(failuresIn));
}
for (const failure of failures) console.log(`failed: ${failure}`);
console.log(`tests: ${passed} passed, ${failures.length} failed`);

function failuresIn({ name, status, message, assertionResults }) {
  const path = relative("", name);
  const tests = assertionResults.filter((test) => test.status === "failed");
  // A file that could not be loaded has no tests to fail, and yet it failed.
  if (status === "failed" && tests.length === 0) return [`${path}: ${firstOf(message)}`];
  return tests.map(({ fullName, failureMessages: [why] }) => `${path} > ${fullName}: ${firstOf(why)}`);
}

function firstOf(text = "") {
  return text.slice(0, 500);
}
