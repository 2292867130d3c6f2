import { join } from "node:path";
import { SpikevineError } from "../errors.js";
import { removeAbandoned, writeAtomically } from "../io/atomic-file.js";
import { isMissing } from "../io/file-problem.js";
import { type FileSystem, systemFiles } from "../io/file-system.js";
import { readFileText } from "../io/read-file.js";
import type { Point } from "./point.js";
import { type FinishedPoint, parsePoint, readPoint, serializePoint } from "./point-file.js";
import type { PointResult } from "./runner.js";

/**
 * The finished points of a sweep, one file per point. A file that exists is complete, even after its process was
 * killed.
 */
export class PointStore {
  /** Problems of files that were skipped. */
  readonly problems: string[] = [];
  readonly #folder: string;
  readonly #files: FileSystem;

  constructor(folder: string, files: FileSystem = systemFiles) {
    this.#folder = folder;
    this.#files = files;
  }

  /** Removes incomplete files of killed processes; another shard of the sweep may be writing here. */
  async tidy(): Promise<void> {
    await removeAbandoned(this.#folder, (name) => name.endsWith(".json"), this.#files);
  }

  /**
   * Reads the result of a point; undefined if it is not finished or its file is damaged.
   * @throws SpikevineError if the file cannot be read
   */
  async find(point: Point): Promise<FinishedPoint | undefined> {
    const path = this.#path(point);
    let text: string;
    try {
      const fix = "make it readable, or remove it to run the point again";
      text = await readFileText(path, { fix, files: this.#files });
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    try {
      return parsePoint(text, path, point);
    } catch (error) {
      if (!(error instanceof SpikevineError)) throw error;
      this.problems.push(error.message);
      return undefined;
    }
  }

  /**
   * Saves a result and returns it as a later call will read it.
   * @throws SpikevineError if the file system refuses
   */
  async keep(point: Point, result: PointResult, seconds: number): Promise<FinishedPoint> {
    const text = serializePoint(point, result, seconds);
    const finished = parsePoint(text, `result of point ${point.id}`, point);
    await writeAtomically(this.#path(point), text, this.#files);
    return finished;
  }

  /**
   * Reports results that match these points but have another origin: all settings that both have are equal, except at
   * least one that describes the origin of a result.
   */
  async ofOtherOrigin(points: readonly Point[], origin: readonly string[]): Promise<string[]> {
    const own = new Set(points.map(({ id }) => `${id}.json`));
    const counts = new Map<string, number>();
    for (const name of await this.#files.promises.readdir(this.#folder).catch(() => [])) {
      if (own.has(name) || !name.endsWith(".json")) continue;
      const other = await this.#read(join(this.#folder, name));
      const point = other && points.find((candidate) => isSameButForOrigin(candidate, other, origin));
      if (point === undefined) continue;
      const differing = origin.filter((setting) => other!.settings[setting] !== point.settings[setting]);
      const shown = differing.map((setting) => `${setting} is ${other!.settings[setting] ?? "absent"} there`);
      const key = `${shown.join(" and ")}, and ${differing.map((setting) => point.settings[setting]).join(" and ")} here`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return [...counts].map(
      ([what, count]) =>
        `sweep: ${count} results in "${this.#folder}" are not used, because ${what}; their points run again.`,
    );
  }

  async #read(path: string): Promise<FinishedPoint | undefined> {
    try {
      return readPoint(await readFileText(path, { fix: "remove it", files: this.#files }), path);
    } catch {
      return undefined;
    }
  }

  #path = ({ id }: Point): string => join(this.#folder, `${id}.json`);
}

function isSameButForOrigin(a: Point, b: Point, origin: readonly string[]): boolean {
  const shared = Object.keys(a.settings).filter((name) => !origin.includes(name) && Object.hasOwn(b.settings, name));
  return a.seed === b.seed && shared.every((name) => isEqual(a.settings[name], b.settings[name]));
}

const isEqual = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
