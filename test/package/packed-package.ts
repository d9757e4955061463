import { execFile } from "node:child_process";
import { cp, mkdir, readdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const modules = join(root, "node_modules");
export const bin = join(modules, ".bin");

/** What the package depends on, and its peers that are not optional. */
const NEEDED = ["commander", "rate-limiter-flexible", "yaml", "@bufbuild/protobuf"];
const PEERS = ["@connectrpc/connect", "@connectrpc/connect-node", "@types/node", "undici-types"];

/** Packs the package of a checkout as npm would publish it. Answers the tarball's path, which is in this folder. */
export async function packPackage(folder: string, checkout = root): Promise<string> {
  await run("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: checkout, env: envWithBin() });
  const tarball = (await readdir(folder)).find((file) => file.endsWith(".tgz"));
  return join(folder, tarball ?? "");
}

/** Installs it in a project as npm would, with what it depends on, its peers, and what else the project names. */
export async function installPackage(
  tarball: string,
  project: string,
  others: readonly string[] = [],
): Promise<void> {
  const installed = join(project, "node_modules/longrunning");
  await mkdir(installed, { recursive: true });
  await run("tar", ["-xzf", tarball, "-C", installed, "--strip-components=1"]);
  for (const needed of new Set([...NEEDED, ...PEERS, ...others])) {
    const link = join(project, "node_modules", needed);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(modules, needed), link);
  }
}

/** Google's protos as google-proto-files has them, as far as operations need them. */
export async function copyGoogleProtos(to: string): Promise<void> {
  for (const folder of ["longrunning", "rpc", "api"]) {
    await cp(join(modules, "google-proto-files/google", folder), join(to, "google", folder), {
      recursive: true,
      filter: (path) => !/\/(context|apikeys|cloudquotas|expr|service\w+)$/.test(path),
    });
  }
}

export function envWithBin(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${bin}:${process.env["PATH"]}` };
}
