import { execFile } from "node:child_process";
import { cp, mkdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Instruction, Stage } from "./dockerfile.ts";

const run = promisify(execFile);

/** A stage of a Dockerfile whose steps were taken in a folder: what an image has at `/` is at `root`. */
export interface FollowedStage {
  readonly root: string;
  /** The working folder, below `root`. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** What ENTRYPOINT, CMD, HEALTHCHECK and USER say. */
  readonly last: ReadonlyMap<string, Instruction>;
}

/** Takes the steps of a stage. `context` is what is built, `others` are the stages before it. */
export async function followStage(
  stage: Stage,
  root: string,
  context: string,
  others: ReadonlyMap<string, FollowedStage>,
): Promise<FollowedStage> {
  let folder = root;
  const env: Record<string, string> = {};
  const last = new Map<string, Instruction>();
  for (const instruction of stage.instructions) {
    const { name, flags, rest } = instruction;
    if (name === "WORKDIR") {
      folder = join(root, rest);
      await mkdir(folder, { recursive: true });
    } else if (name === "ENV") {
      for (const [, key = "", value = ""] of rest.matchAll(/(\w+)=(\S+)/g)) env[key] = value;
    } else if (name === "RUN") {
      await run("sh", ["-ec", rest], { cwd: folder, env: { ...process.env, ...env } });
    } else if (name === "COPY") {
      const from = others.get(flags.get("from") ?? "")?.root ?? context;
      const paths = rest.split(/\s+/);
      const to = paths.pop() ?? "";
      const target = to.startsWith("/") ? join(root, to) : join(folder, to);
      for (const path of paths) await copy(join(from, path), target, to.endsWith("/"));
    } else {
      last.set(name, instruction);
    }
  }
  return { root, folder, env, last };
}

/** As COPY does: of a folder it copies what is in it; a target that ends with a slash is a folder. */
async function copy(source: string, target: string, intoFolder: boolean): Promise<void> {
  const isFolder = (await stat(source)).isDirectory();
  const destination = isFolder || !intoFolder ? target : join(target, basename(source));
  await mkdir(dirname(destination), { recursive: true });
  await cp(source, destination, { recursive: true, verbatimSymlinks: true });
}
