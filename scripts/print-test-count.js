// Prints "tests: N passed, N failed" from vitest's own count.
import { readFileSync } from "node:fs";

const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(
  readFileSync(process.argv[2], "utf8"),
);
// A file that could not be loaded has no tests to fail, and yet it failed.
const failed = numFailedTests === 0 && numFailedTestSuites > 0 ? numFailedTestSuites : numFailedTests;
console.log(`tests: ${numPassedTests} passed, ${failed} failed`);
