import { copyFile, mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installed, run, sources } from "./run.ts";

/** A client in a language of its own that waits for an operation of the simulator. */
export interface WaitingClient {
  readonly title: string;
  /** Gets what it needs from its registry, at pinned versions, unless it is there. */
  install(): Promise<void>;
  /** Waits for an operation at `url` until it is done, and answers its payload. Rejects where the work failed. */
  wait(url: string, name: string): Promise<string>;
}

const schema = join(installed, "simulator.binpb");

const curl: WaitingClient = {
  title: "curl, POST /v1/{name}:wait",
  install: async () => void (await run("curl", ["--version"])),
  async wait(url, name) {
    // Again, where the server's own limit of a wait was over first.
    for (;;) {
      const answer = await run("curl", ["-sSf", "-X", "POST", `${url}/v1/${name}:wait`]);
      const { done, response, error } = JSON.parse(answer);
      if (error !== undefined) throw new Error(error.message);
      if (done) return response.payload;
    }
  },
};

const venv = join(installed, "python");
const python: WaitingClient = {
  title: "Python, google-api-core",
  async install() {
    await makeSchema();
    const [requirements, complete] = [join(sources, "requirements.txt"), join(venv, "requirements.txt")];
    const there = await readFile(complete, "utf8").catch(() => undefined);
    if (there === (await readFile(requirements, "utf8"))) return;
    await rm(venv, { recursive: true, force: true });
    await run("python3", ["-m", "venv", venv]);
    await run(join(venv, "bin/pip"), ["install", "--quiet", "--require-hashes", "-r", requirements]);
    // Written last: what was broken off is made anew.
    await copyFile(requirements, complete);
  },
  wait: (url, name) =>
    run(join(venv, "bin/python"), [join(sources, "wait.py"), new URL(url).host, name, schema]),
};

const goProgram = join(installed, "wait");
const go: WaitingClient = {
  title: "Go, cloud.google.com/go/longrunning",
  async install() {
    await makeSchema();
    await run("go", ["build", "-o", goProgram, "."]);
  },
  wait: (url, name) => run(goProgram, [new URL(url).host, name, schema]),
};

/** All of them. */
export const waitingClients: readonly WaitingClient[] = [curl, python, go];

/** What the payload is read by: the simulator's types, as buf compiles them. */
async function makeSchema(): Promise<void> {
  await mkdir(installed, { recursive: true });
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const buf = join(root, "node_modules/.bin/buf");
  await run(buf, ["build", "--path", "proto/longrunning/testing", "-o", schema], root);
}
