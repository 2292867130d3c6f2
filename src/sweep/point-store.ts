import { join } from "node:path";
import { SpikevineError } from "../errors.js";
import { writeAtomically } from "../record/atomic-file.js";
import { cannot } from "../record/file-problem.js";
import { type FileSystem, systemFiles } from "../record/file-system.js";
import type { Point } from "./point.js";
import { type FinishedPoint, parsePoint, serializePoint } from "./point-file.js";
import type { PointResult } from "./runner.js";

/** The finished points of a sweep, a file each: one that is there is whole, whenever the process was killed. */
export class PointStore {
  /** What was wrong with files that had to be passed over. */
  readonly problems: string[] = [];
  readonly #folder: string;
  readonly #files: FileSystem;

  constructor(folder: string, files: FileSystem = systemFiles) {
    this.#folder = folder;
    this.#files = files;
  }

  /** Removes what a killed process has left half-written. A failure only leaves files behind. */
  async tidy(): Promise<void> {
    const { readdir, rm } = this.#files.promises;
    const left = (await readdir(this.#folder)).filter((name) => name.endsWith(".tmp"));
    for (const name of left) await rm(join(this.#folder, name), { force: true }).catch(() => undefined);
  }

  /**
   * What is kept of a point; nothing where it has not been finished or its file is damaged.
   * @throws SpikevineError when the file cannot be read
   */
  async find(point: Point): Promise<FinishedPoint | undefined> {
    const path = this.#path(point);
    let text: string;
    try {
      text = await this.#files.promises.readFile(path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw cannot("read", path, error, "make it readable, or remove it to run the point again");
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
   * Keeps a result and gives it as a later call will read it.
   * @throws SpikevineError when the disk refuses, or the result is not made of numbers
   */
  async keep(point: Point, result: PointResult, seconds: number): Promise<FinishedPoint> {
    checkResult(result);
    const text = serializePoint(point, result, seconds);
    const finished = parsePoint(text, `result of point ${point.id}`, point);
    await writeAtomically(this.#path(point), text, this.#files);
    return finished;
  }

  #path = ({ id }: Point): string => join(this.#folder, `${id}.json`);
}

/** A point function may be plain JavaScript, and its result has come through a thread. */
function checkResult(result: PointResult | undefined): void {
  const { metrics, curves = {} } = result ?? {};
  if (typeof metrics !== "object" || metrics === null) {
    throw new SpikevineError("sweep: a point gave no metrics; give { metrics: { accuracy: 0.9 } }.");
  }
  for (const [name, value] of [...Object.entries(metrics), ...Object.entries(curves)]) {
    if ([value].flat().every((item) => typeof item === "number")) continue;
    throw new SpikevineError(`sweep: a point gave ${String(value)} as "${name}"; give numbers.`);
  }
}
