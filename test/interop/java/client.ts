import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Client } from "../client.ts";
import { cache, root, runCommand } from "../run-command.ts";

const pom = join(root, "test/interop/java/pom.xml");
const folder = join(cache, "java");
const [, version] = /<gax\.version>(.*)<\/gax\.version>/.exec(readFileSync(pom, "utf8")) ?? [];

export const java: Client = {
  id: "java",
  title: `gax-grpc ${version} (Java)`,
  async install() {
    const args = ["-q", "-B", "-ntp", "-f", pom, `-Dinterop.directory=${folder}`, "compile"];
    await runCommand({ file: "mvn", args });
  },
  program: (url) => ({
    file: "java",
    args: ["-cp", [join(folder, "classes"), join(folder, "lib", "*")].join(delimiter), "interop.Main", url],
  }),
  deviations: {},
};
