// Makes sure that the machine has systemd-analyze, for `npm run test:deploy`. On Debian and Ubuntu root gets it from
// apt; systemd itself is not started.
import { execFileSync, spawnSync } from "node:child_process";

const isThere = () => spawnSync("systemd-analyze", ["--version"]).status === 0;

if (!isThere() && process.getuid?.() === 0) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const get = (...args) => execFileSync("apt-get", args, { stdio: "inherit", env });
  try {
    get("update", "-q");
    get("install", "-q", "-y", "--no-install-recommends", "systemd");
  } catch (error) {
    console.error(error.message);
  }
}
if (isThere()) {
  const [version] = execFileSync("systemd-analyze", ["--version"], { encoding: "utf8" }).split("\n");
  console.log(version);
} else {
  console.error("these tests need systemd-analyze; apt-get install systemd, as root, on Debian or Ubuntu");
  process.exitCode = 1;
}
