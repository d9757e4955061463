import { copyFile, mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command, isInstalled, isRoot } from "./program.ts";

/** A folder that is removed with its scope. */
export async function newFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "longrunning-faults-"));
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** A file system that is there while its scope lasts. */
export interface Disk extends AsyncDisposable {
  readonly folder: string;
}

/** Why disks of one's own cannot be had here; undefined where they can. */
export function whyNoDisks(): string | undefined {
  if (process.platform !== "linux") return "it needs Linux";
  if (!isRoot) return "it needs root, to mount";
  if (!isInstalled("mkfs.ext4", "-V")) return "it needs mkfs.ext4";
  return isInstalled("losetup", "--find") ? undefined : "it needs loop devices";
}

/** An empty disk of so many MB in memory. */
export async function memoryDisk(folder: string, megabytes: number): Promise<Disk> {
  await mkdir(folder);
  command("mount", "-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder);
  return mounted(folder);
}

/** A new image of an empty disk. */
export async function newImage(image: string, megabytes: number): Promise<void> {
  await writeFile(image, "");
  await truncate(image, megabytes * 1024 * 1024);
  command("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", image);
}

/**
 * The disk of an image. What programs write to it and do not sync stays in the kernel's memory for as long as the
 * kernel may keep it there: the image has what the disk was given, and no more.
 */
export async function imageDisk(image: string, folder: string): Promise<Disk> {
  await mkdir(folder, { recursive: true });
  command("mount", "-o", "loop,commit=300", image, folder);
  return mounted(folder);
}

/** What a disk has at this moment, as the disk of another image. Nobody may write to it meanwhile. */
export async function afterPowerCut(image: string, copy: string, folder: string): Promise<Disk> {
  await copyFile(image, copy);
  return imageDisk(copy, folder);
}

function mounted(folder: string): Disk {
  return { folder, [Symbol.asyncDispose]: async () => command("umount", folder) };
}
