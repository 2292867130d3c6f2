import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { z } from "zod";
import type { FileSystem } from "../file-system.js";
import { parseJson } from "../formats/json.js";

const owner = z.object({
  pid: z.int().min(1),
  token: z.string(),
  /** Absent in a lock of version 0.1.0, which held a number only. */
  host: z.string().exactOptional(),
  /** Name of the host's present start; another one after a reboot. Where the system tells. */
  boot: z.string().exactOptional(),
  /** Space in which `pid` counts: each container has its own. Where the system tells. */
  space: z.string().exactOptional(),
  /** When the process began, in ticks since the boot: a number of a process is given again. Where the system tells. */
  began: z.string().exactOptional(),
});

/** The process that has a lock. */
export type LockOwner = z.output<typeof owner>;

/** This process as the owner of a lock, without a token. */
export function thisProcess(): Omit<LockOwner, "token"> {
  const boot = told(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  const space = told(() => readlinkSync("/proc/self/ns/pid"));
  const began = beganAt("self");
  return {
    pid: process.pid,
    host: hostname(),
    ...(boot === undefined ? {} : { boot }),
    ...(space === undefined ? {} : { space }),
    ...(began === undefined ? {} : { began }),
  };
}

/** What a lock file says: undefined where there is no file, and `NOBODY` where it does not name an owner. */
export async function ownerIn(path: string, files: FileSystem): Promise<LockOwner | undefined> {
  let text: string;
  try {
    text = await files.promises.readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const number = /^\d{1,10}$/.exec(text)?.[0];
  const read = owner.safeParse(
    number === undefined
      ? told(() => parseJson(text, (problem) => new Error(problem)))
      : { pid: Number(number), token: "" },
  );
  return read.success ? read.data : NOBODY;
}

/** In a file that is empty or damaged. */
export const NOBODY: LockOwner = { pid: 0, token: "" };

/** Whether an owner is alive, or may be: a process in another container or on another host cannot be asked. */
export function isAlive({ pid, host, boot, space, began }: LockOwner): boolean {
  if (pid === NOBODY.pid) return false;
  const here = thisProcess();
  if (host !== undefined && host !== here.host) return true;
  if (boot !== undefined && here.boot !== undefined && boot !== here.boot) return false;
  if (space !== undefined && here.space !== undefined && space !== here.space) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process is alive too.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  const now = beganAt(pid);
  return began === undefined || now === undefined || began === now;
}

/** Field 22 of /proc/PID/stat; the second field may hold spaces and ends at the last bracket. */
function beganAt(pid: number | "self"): string | undefined {
  return told(() => {
    // A container may see the /proc of its host, where its numbers are those of other processes.
    if (readlinkSync("/proc/self") !== String(process.pid)) return undefined;
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ")[19];
  });
}

/** What the system tells, or nothing where it does not. */
function told<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}
