// Makes sure that the machine has the servers that `npm run test:engines` and `npm run test:faults` start: PostgreSQL
// with pg_basebackup, which is not in npm, Redis, and Prometheus. On Debian and Ubuntu root gets them from apt;
// services that come with the packages are not started.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

const DEBIAN = "/usr/lib/postgresql";
const OLDEST_POSTGRES = 14;

/** Whoever installs a package asks this program whether its service may be started: 101 is no. */
const POLICY = "/usr/sbin/policy-rc.d";

const engines = [
  {
    name: `PostgreSQL ${OLDEST_POSTGRES} or newer, with pg_basebackup`,
    package: "postgresql",
    find: findPostgres,
  },
  { name: "redis-server", package: "redis-server", find: () => findProgram("redis-server") },
  { name: "prometheus, with promtool", package: "prometheus", find: findPrometheus },
];

function findPostgres() {
  if (!existsSync(DEBIAN)) return undefined;
  const versions = readdirSync(DEBIAN).filter((name) => Number(name) >= OLDEST_POSTGRES);
  const folders = versions.toSorted((a, b) => Number(b) - Number(a)).map((name) => join(DEBIAN, name, "bin"));
  const programs = ["initdb", "postgres", "pg_basebackup"];
  return folders.find((folder) => programs.every((program) => existsSync(join(folder, program))));
}

function findPrometheus() {
  return findProgram("promtool") && findProgram("prometheus");
}

function findProgram(name) {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}

function install(packages) {
  const hadPolicy = existsSync(POLICY);
  if (!hadPolicy) writeFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  try {
    execFileSync("apt-get", ["update", "-q"], { stdio: "inherit", env });
    execFileSync("apt-get", ["install", "-q", "-y", "--no-install-recommends", ...packages], {
      stdio: "inherit",
      env,
    });
  } finally {
    if (!hadPolicy) rmSync(POLICY);
  }
}

const missing = () => engines.filter(({ find }) => find() === undefined);
const canInstall = process.getuid?.() === 0 && findProgram("apt-get") !== undefined;

if (missing().length > 0 && canInstall) {
  try {
    install(missing().map((engine) => engine.package));
  } catch (error) {
    console.error(error.message);
  }
}
for (const { name, find } of engines) if (find() !== undefined) console.log(`${name}: ${find()}`);
const left = missing();
if (left.length > 0) {
  const names = left.map(({ name }) => name).join(", and ");
  const packages = left.map((engine) => engine.package).join(" ");
  console.error(`these tests need ${names}; apt-get install ${packages}, as root, on Debian or Ubuntu`);
  process.exitCode = 1;
}
