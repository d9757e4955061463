// Fails where the committed generated code differs from what buf generates now.
import { execFileSync } from "node:child_process";

const FOLDERS = ["gen", "examples/archive/gen", "test/rest/gen", "test/direct/gen"];

execFileSync("npm", ["run", "--silent", "generate"], { stdio: "inherit" });
const changed = execFileSync("git", ["status", "--porcelain", "--", ...FOLDERS], { encoding: "utf8" });
if (changed !== "") {
  process.stderr.write(
    `generated code differs from its protos; commit what "npm run generate" makes:\n${changed}`,
  );
  process.exitCode = 1;
}
