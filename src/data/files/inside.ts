import { realpath } from "node:fs/promises";
import { isAbsolute, relative } from "node:path";
import { SpikevineError } from "../../errors.js";
import { cannot } from "../../io/file-problem.js";

/** @throws SpikevineError if a path below a folder is a link that leads out of it */
export async function checkInside(folder: string, path: string): Promise<void> {
  let way: string;
  try {
    way = relative(await realpath(folder), await realpath(path));
  } catch (error) {
    throw cannot("read", path, error, "check the path");
  }
  if (!/^\.\.(?:[\\/]|$)/.test(way) && !isAbsolute(way)) return;
  throw new SpikevineError(`data: "${path}" is a link that leads out of "${folder}"; copy the file into the folder.`);
}
