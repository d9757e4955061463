// Prints "tests: N passed, N failed" from vitest's own counts, in the files that are given.
import { existsSync, readFileSync } from "node:fs";

let [passed, failed] = [0, 0];
for (const file of process.argv.slice(2)) {
  if (!existsSync(file)) {
    // A suite that has told of nothing has failed.
    failed++;
    continue;
  }
  const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(file, "utf8"));
  passed += numPassedTests;
  // A file that could not be loaded has no tests to fail, and yet it failed.
  failed += numFailedTests === 0 && numFailedTestSuites > 0 ? numFailedTestSuites : numFailedTests;
}
console.log(`tests: ${passed} passed, ${failed} failed`);
