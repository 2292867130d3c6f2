import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { z } from "zod";
import { isMissing } from "../file-problem.js";
import type { FileSystem } from "../file-system.js";
import { parseJson } from "../formats/json.js";
import { readFileText } from "../read-file.js";

const owner = z.object({
  pid: z.int().min(1),
  token: z.string(),
  /** Absent in a lock of version 0.1.0, which held only a number. */
  host: z.string().exactOptional(),
  /** Identifier of the host's current boot, if the system provides it; it changes at a reboot. */
  boot: z.string().exactOptional(),
  /** Namespace of `pid`, if the system provides it: each container has its own. */
  space: z.string().exactOptional(),
  /** Start time of the process in ticks since the boot, if the system provides it, since process numbers are reused. */
  began: z.string().exactOptional(),
});

/** The process that holds a lock. */
export type LockOwner = z.output<typeof owner>;

/** This process as the owner of a lock, without a token. */
export function thisProcess(): Omit<LockOwner, "token"> {
  const boot = valueOrUndefined(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  const space = valueOrUndefined(() => readlinkSync("/proc/self/ns/pid"));
  const began = beganAt("self");
  return {
    pid: process.pid,
    host: hostname(),
    ...(boot === undefined ? {} : { boot }),
    ...(space === undefined ? {} : { space }),
    ...(began === undefined ? {} : { began }),
  };
}

/**
 * Owner named in a lock file: undefined if the file does not exist, `NOBODY` if it does not name an owner.
 * @throws SpikevineError if it is not a file or cannot be read.
 */
export async function ownerIn(path: string, files: FileSystem): Promise<LockOwner | undefined> {
  let text: string;
  try {
    text = await readFileText(path, { fix: "remove it if no run uses this folder", files });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  const number = /^\d{1,10}$/.exec(text)?.[0];
  const read = owner.safeParse(
    number === undefined
      ? valueOrUndefined(() => parseJson(text, (problem) => new Error(problem)))
      : { pid: Number(number), token: "" },
  );
  return read.success ? read.data : NOBODY;
}

/** Owner of an empty or damaged lock file. */
export const NOBODY: LockOwner = { pid: 0, token: "" };

/** Tells if an owner is alive, or may be: a process in another container or on another host cannot be checked. */
export function isAlive({ pid, host, boot, space, began }: LockOwner): boolean {
  if (pid === NOBODY.pid) return false;
  const here = thisProcess();
  if (host !== undefined && host !== here.host) return true;
  if (boot !== undefined && here.boot !== undefined && boot !== here.boot) return false;
  if (space !== undefined && here.space !== undefined && space !== here.space) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // The process of another user is alive too.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  const now = beganAt(pid);
  return began === undefined || now === undefined || began === now;
}

/** Field 22 of /proc/PID/stat; the second field may contain spaces and ends at the last bracket. */
function beganAt(pid: number | "self"): string | undefined {
  return valueOrUndefined(() => {
    // A container may see the /proc of its host, whose numbers belong to other processes.
    if (readlinkSync("/proc/self") !== String(process.pid)) return undefined;
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ")[19];
  });
}

/** Value that the system provides, or undefined. */
function valueOrUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
