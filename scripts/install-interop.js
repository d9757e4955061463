// Makes sure that the machine has the toolchains of the clients that `npm run test:interop` drives, and the shells. On
// Debian and Ubuntu root gets them from apt. The clients themselves come from their registries, when their tests begin.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** What there is to have: how it tells of itself, the first number of which must be at least `oldest`. */
const toolchains = [
  { name: "curl", package: "curl", command: ["curl", "--version"] },
  {
    name: "Python 3.10 or newer, with venv",
    package: "python3-venv",
    command: ["python3", "-c", "import ensurepip, platform, venv; print(platform.python_version())"],
    oldest: [3, 10],
  },
  // From 1.21 on, Go gets the newer Go by itself that a go.mod asks for.
  { name: "Go 1.21 or newer", package: "golang-go", command: ["go", "version"], oldest: [1, 21] },
  {
    name: "a JDK, 17 or newer",
    package: "default-jdk-headless",
    command: ["javac", "-version"],
    oldest: [17, 0],
  },
  { name: "zsh", package: "zsh", command: ["zsh", "--version"] },
  { name: "fish", package: "fish", command: ["fish", "--version"] },
  { name: "script, of util-linux", package: "bsdutils", command: ["script", "--version"] },
  { name: "Maven 3.6 or newer", package: "maven", command: ["mvn", "-v"], oldest: [3, 6] },
];

/** The version that is there, where there is one and it is new enough. */
function find({ command: [file, ...args], oldest = [0, 0] }) {
  const { status, stdout } = spawnSync(file, args, { encoding: "utf8" });
  const [version, major, minor] = /(\d+)\.(\d+)[.\d]*/.exec(stdout ?? "") ?? [];
  if (status !== 0 || version === undefined) return undefined;
  const newer = Number(major) - oldest[0] || Number(minor) - oldest[1];
  return newer >= 0 ? version : undefined;
}

function isOnPath(name) {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, name)));
}

function install(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const get = (...args) => execFileSync("apt-get", args, { stdio: "inherit", env });
  get("update", "-q");
  get("install", "-q", "-y", "--no-install-recommends", ...packages);
}

const missing = () => toolchains.filter((toolchain) => find(toolchain) === undefined);
const canInstall = process.getuid?.() === 0 && isOnPath("apt-get");

if (missing().length > 0 && canInstall) {
  try {
    install(missing().map((toolchain) => toolchain.package));
  } catch (error) {
    console.error(error.message);
  }
}
for (const toolchain of toolchains) {
  const version = find(toolchain);
  if (version !== undefined) console.log(`${toolchain.name}: ${version}`);
}
const left = missing();
if (left.length > 0) {
  const names = left.map(({ name }) => name).join(", and ");
  const packages = left.map((toolchain) => toolchain.package).join(" ");
  console.error(`these tests need ${names}; apt-get install ${packages}, as root, on Debian or Ubuntu`);
  process.exitCode = 1;
}
