import { join } from "node:path";
import type { Client } from "../client.ts";
import { cache, runCommand } from "../run-command.ts";

const VERSION = "1.9.4";
const folder = join(cache, `grpcurl-${VERSION}`);

export const grpcurl: Client = {
  id: "grpcurl",
  title: `grpcurl ${VERSION}, by reflection`,
  async install() {
    const module = `github.com/fullstorydev/grpcurl/cmd/grpcurl@v${VERSION}`;
    await runCommand({ file: "go", args: ["install", module], env: { GOBIN: folder, GOFLAGS: "" } });
  },
  program: (url) => ({
    file: process.execPath,
    args: ["test/interop/grpcurl/main.js", join(folder, "grpcurl"), url],
  }),
  deviations: {},
};
