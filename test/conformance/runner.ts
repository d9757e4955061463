import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The version of connectrpc.com/conformance that is run. */
export const RUNNER_VERSION = "v1.0.7";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** What `install.ts` leaves behind: the program, and the protos of its version. */
export const runnerFolder = join(root, ".tools", `connectconformance-${RUNNER_VERSION}`);

export const runner = join(runnerFolder, "connectconformance");
