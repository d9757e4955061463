// Builds Connect's conformance runner and generates the stubs of its service, where this checkout has not that version
// yet. Needs Go. What Go downloads goes into `.tools`, whatever the machine's own folders are, and is gone afterwards.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { RUNNER_VERSION, root, runner, runnerFolder } from "./runner.ts";

const MODULE = "connectrpc.com/conformance";

if (!existsSync(runner)) {
  if (hasGo()) install();
  else {
    console.error(
      `these tests build ${MODULE} ${RUNNER_VERSION}, and "go" is not on the PATH: https://go.dev/dl, 1.21 or newer`,
    );
    process.exitCode = 1;
  }
}
if (existsSync(runner)) console.log(`connectconformance ${RUNNER_VERSION}: ${runner}`);

function hasGo(): boolean {
  try {
    execFileSync("go", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function install(): void {
  const tools = join(root, ".tools");
  mkdirSync(tools, { recursive: true });
  const work = mkdtempSync(join(tools, "installing-"));
  try {
    const made = join(work, "made");
    build(work, made);
    const source = join(work, "go", "pkg", "mod", `${MODULE}@${RUNNER_VERSION}`);
    for (const name of ["LICENSE", "buf.yaml", "proto"]) {
      cpSync(join(source, name), join(made, name), { recursive: true });
    }
    generateStubs(made);
    rmSync(runnerFolder, { recursive: true, force: true });
    renameSync(made, runnerFolder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function generateStubs(source: string): void {
  const template = join(root, "test", "conformance", "buf.gen.yaml");
  const protos = ["config", "server_compat", "service"].flatMap((name) => [
    "--path",
    join(source, "proto", "connectrpc", "conformance", "v1", `${name}.proto`),
  ]);
  execFileSync("buf", ["generate", source, "--template", template, "-o", root, ...protos], {
    stdio: "inherit",
  });
}

function build(work: string, bin: string): void {
  console.log(`building ${MODULE} ${RUNNER_VERSION}`);
  execFileSync("go", ["install", `${MODULE}/cmd/connectconformance@${RUNNER_VERSION}`], {
    cwd: work,
    stdio: "inherit",
    env: {
      ...process.env,
      GOPATH: join(work, "go"),
      GOMODCACHE: join(work, "go", "pkg", "mod"),
      GOCACHE: join(work, "cache"),
      GOBIN: bin,
      // Read-only folders could not be removed again.
      GOFLAGS: "-modcacherw",
      // An older Go fetches the one that the module asks for.
      GOTOOLCHAIN: process.env["GOTOOLCHAIN"] ?? "auto",
      CGO_ENABLED: "0",
    },
  });
}
