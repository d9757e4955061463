import { execFile } from "node:child_process";
import { chmod, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A folder with a stand-in for curl, for machines that have none: it knows the options that the pages use. */
export async function folderWithCurl(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "longrunning-readme-"));
  if (
    await run("curl", ["--version"]).then(
      () => true,
      () => false,
    )
  )
    return folder;
  const script = `#!${process.execPath}
const { values, positionals } = require("node:util").parseArgs({
  allowPositionals: true,
  options: { s: { type: "boolean", short: "s" }, H: { type: "string", short: "H" }, d: { type: "string", short: "d" } },
});
const [name, value] = values.H.split(": ");
fetch(positionals[0], { method: "POST", headers: { [name]: value }, body: values.d })
  .then((answer) => answer.text())
  .then((text) => process.stdout.write(text));
`;
  await writeFile(join(folder, "curl"), script);
  await chmod(join(folder, "curl"), 0o755);
  return folder;
}
