import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder for what a person has set up. */
export interface ConfigFolder extends AsyncDisposable {
  readonly path: string;
  /** The environment that finds it. */
  readonly env: { readonly XDG_CONFIG_HOME: string };
  /** Writes a file in it. Answers its path. */
  write(name: string, text: string): Promise<string>;
}

/** Opens a folder whose `longrunning/config.yaml` has this text. */
export async function openConfigFolder(text?: string, name = "config.yaml"): Promise<ConfigFolder> {
  const path = await mkdtemp(join(tmpdir(), "longrunning-config-"));
  await mkdir(join(path, "longrunning"));
  const write = async (name: string, text: string) => {
    const file = join(path, "longrunning", name);
    await writeFile(file, text, { mode: 0o755 });
    return file;
  };
  if (text !== undefined) await write(name, text);
  return {
    ...{ path, env: { XDG_CONFIG_HOME: path }, write },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
