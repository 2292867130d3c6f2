import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { cannot } from "../../io/file-problem.js";
import { broken } from "../idx.js";
import { checkInside } from "./inside.js";

/**
 * Names of the folders in a folder, sorted by character codes; hidden ones are left out.
 * @throws SpikevineError if a link leads out of the folder, or there are more than 256
 */
export async function readClassFolders(folder: string, fix: string): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await list(folder, fix)) {
    if (entry.name.startsWith(".")) continue;
    if (entry.isSymbolicLink()) await checkInside(folder, join(folder, entry.name));
    if (entry.isDirectory() || entry.isSymbolicLink()) names.push(entry.name);
  }
  if (names.length > 256) throw broken(folder, `has ${names.length} folders of classes`, "give 256 classes at most");
  return names.sort();
}

/** Paths of the files of a class whose names fit, sorted; hidden ones are left out, and links that lead out are refused. */
export async function filesOfClass(folder: string, name: string, wanted: RegExp, fix: string): Promise<string[]> {
  const paths: string[] = [];
  for (const entry of await list(join(folder, name), fix)) {
    if (entry.name.startsWith(".") || !wanted.test(entry.name)) continue;
    const path = join(folder, name, entry.name);
    if (entry.isSymbolicLink()) await checkInside(folder, path);
    paths.push(path);
  }
  return paths.sort();
}

async function list(folder: string, fix: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw cannot("read", folder, error, fix);
  }
}
