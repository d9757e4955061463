// Prints the names of tests that failed, or passed at their second try only, and "tests: N passed, N failed", from
// vitest's own reports in the files that are given.
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";

let passed = 0;
const failures = [];
const secondTries = [];
for (const file of process.argv.slice(2)) {
  if (!existsSync(file)) {
    // A suite that has told of nothing has failed.
    failures.push(`${file} is not there`);
    continue;
  }
  const { numPassedTests, testResults } = JSON.parse(readFileSync(file, "utf8"));
  passed += numPassedTests;
  failures.push(...testResults.flatMap(failuresIn));
  secondTries.push(...testResults.flatMap(secondTriesIn));
}
for (const test of secondTries) console.log(`passed at the second try: ${test}`);
for (const failure of failures) console.log(`failed: ${failure}`);
console.log(`tests: ${passed} passed, ${failures.length} failed`);

function failuresIn({ name, status, message, assertionResults }) {
  const path = relative("", name);
  const tests = assertionResults.filter((test) => test.status === "failed");
  // A file that could not be loaded has no tests to fail, and yet it failed.
  if (status === "failed" && tests.length === 0) return [`${path}: ${firstOf(message)}`];
  return tests.map(({ fullName, failureMessages: [why] }) => `${path} > ${fullName}: ${firstOf(why)}`);
}

/** Tests that are to be made firm: what failed first is kept beside a test that passed. */
function secondTriesIn({ name, assertionResults }) {
  return assertionResults
    .filter(({ status, failureMessages }) => status === "passed" && failureMessages.length > 0)
    .map(({ fullName, failureMessages: [why] }) => `${relative("", name)} > ${fullName}: ${firstOf(why)}`);
}

function firstOf(text = "") {
  return text.slice(0, 500);
}
