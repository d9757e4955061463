import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cache, root, runCommand } from "../run-command.ts";

const venv = join(cache, "google-api-core");

export const python = join(venv, "bin", "python");

/** Where the simulator's stubs are, for PYTHONPATH. */
export const stubs = join(venv, "stubs");

/** Makes a venv with what requirements.txt pins, and the simulator's stubs. A venv that is complete stays. */
export async function installGoogleApiCore(): Promise<void> {
  const requirements = join(root, "test/interop/google-api-core/requirements.txt");
  const installed = join(venv, "installed.txt");
  const pinned = await readFile(requirements, "utf8");
  if ((await readFile(installed, "utf8").catch(() => undefined)) !== pinned) {
    await rm(venv, { recursive: true, force: true });
    await runCommand({ file: "python3", args: ["-m", "venv", venv] });
    const options = ["--quiet", "--require-hashes", "--only-binary", ":all:"];
    await runCommand({ file: python, args: ["-m", "pip", "install", ...options, "-r", requirements] });
    // Written last: a venv that was broken off is made anew.
    await writeFile(installed, pinned);
  }
  await generateStubs();
}

async function generateStubs(): Promise<void> {
  await mkdir(stubs, { recursive: true });
  const folders = ["proto", "node_modules/google-proto-files"].map((folder) => `-I${folder}`);
  const out = [`--python_out=${stubs}`, `--grpc_python_out=${stubs}`];
  const file = "longrunning/testing/v1/simulator.proto";
  await runCommand({ file: python, args: ["-m", "grpc_tools.protoc", ...folders, ...out, file] });
}
