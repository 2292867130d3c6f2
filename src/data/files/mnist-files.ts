import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { SpikevineError } from "../../errors.js";
import { CATALOGUE, type CatalogueEntry, type MnistName, type Role } from "../catalogue.js";

/** Paths of the four files of MNIST or Fashion-MNIST in a folder. */

export const ROLES: readonly Role[] = ["trainImages", "trainLabels", "testImages", "testLabels"];

export type Paths = Readonly<Record<Role, string>>;

/** The four files in `folder/name` or `folder`, or undefined when neither has them all. */
export function findFiles(folder: string, name: MnistName): Paths | undefined {
  const inner = findIn(join(folder, name));
  if (inner !== undefined) return inner;
  const paths = findIn(folder);
  if (paths === undefined) return undefined;
  // The two sets use the same file names; their sizes tell them apart.
  const size = statSync(paths.trainImages).size;
  for (const [other, entry] of Object.entries(CATALOGUE)) {
    if (other !== name && size === entry.files.trainImages.bytes) {
      throw new SpikevineError(`${name}: the files in "${folder}" are those of ${other}; give the folder of ${name}.`);
    }
  }
  return paths;
}

/** The four files in this very folder, or undefined when one is missing. */
export function findIn(folder: string): Paths | undefined {
  const found: Partial<Record<Role, string>> = {};
  for (const role of ROLES) {
    const path = findOne(folder, role);
    if (path === undefined) return undefined;
    found[role] = path;
  }
  return found as Paths;
}

/** Path of one file: with its gzipped name, unpacked, or unpacked with a dot in place of the dash. */
function findOne(folder: string, role: Role): string | undefined {
  const packed = CATALOGUE.mnist.files[role].file;
  const plain = packed.slice(0, -".gz".length);
  const candidates = [packed, plain, plain.replace("-idx", ".idx")].map((file) => join(folder, file));
  return candidates.find((candidate) => existsSync(candidate));
}

/** The error of a user's folder in which files are missing; it names them. */
export function notThere(folder: string, name: MnistName, entry: CatalogueEntry): SpikevineError {
  const inner = join(folder, name);
  const absent = ROLES.filter((role) => findOne(folder, role) === undefined && findOne(inner, role) === undefined);
  const names = absent.map((role) => entry.files[role].file).join(", ");
  // No file is missing, but the four are spread over both folders.
  const what = absent.length === 0 ? "does not hold all four files together" : `has no ${names}`;
  return new SpikevineError(
    `${name}: "${folder}" ${what}; put the four files (gzipped or not) into it or into "${inner}".`,
  );
}

/** The official names, for messages. */
export function fileNames(entry: CatalogueEntry): string {
  return ROLES.map((role) => entry.files[role].file).join(", ");
}
