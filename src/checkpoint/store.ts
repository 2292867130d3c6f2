import { join } from "node:path";
import { SpikevineError } from "../errors.js";
import { writeAtomically } from "../io/atomic-file.js";
import { cannot, isMissing } from "../io/file-problem.js";
import { type FileSystem, systemFiles } from "../io/file-system.js";
import { parseSafetensors, serializeSafetensors, type Tensor } from "../io/formats/safetensors.js";
import { readFileBytes, readFileText } from "../io/read-file.js";
import { sha256 } from "../io/sha256.js";
import type { StateTensor, TrainingSnapshot } from "../training/index.js";
import { type Manifest, parseManifest, type RunIdentity, serializeManifest } from "./manifest.js";

/** Largest manifest that is read, in bytes; a hundred thousand epochs fit. */
const LARGEST_MANIFEST = 64 * 2 ** 20;

const NAME = /^checkpoint-(\d{8})\.(json|safetensors)$/;

/** A checkpoint that was verified. */
export interface Checkpoint {
  /** Path of the manifest. */
  readonly path: string;
  readonly run: RunIdentity;
  readonly snapshot: TrainingSnapshot;
}

/** Checkpoints available to resume from. */
export interface FoundCheckpoint {
  /** Newest intact checkpoint; undefined if none has been written yet. */
  readonly checkpoint?: Checkpoint;
  /** Problems of newer checkpoints. */
  readonly problems: string[];
}

/**
 * The checkpoints of one run: a safetensors file and a manifest each, in the run's folder, numbered in the order of
 * writing. Every file is written to the disk under another name and then renamed, the manifest last. A checkpoint with
 * a manifest is therefore complete, even after a power failure.
 */
export class CheckpointStore {
  readonly folder: string;
  readonly #keep: number;
  readonly #files: FileSystem;
  /** Number of the newest checkpoint, once known. */
  #newest: number | undefined;

  /** @param keep Number of checkpoints that are kept; older ones are removed. */
  constructor(folder: string, keep: number, files: FileSystem = systemFiles) {
    this.folder = folder;
    this.#keep = keep;
    this.#files = files;
  }

  /**
   * Writes a checkpoint and removes old ones.
   * @returns the path of its manifest
   * @throws SpikevineError if the file system refuses; earlier checkpoints are unchanged then
   */
  async write(snapshot: TrainingSnapshot, run: RunIdentity): Promise<string> {
    const number = (this.#newest ?? Math.max(0, ...(await this.#numbers()))) + 1;
    const tensors = serializeSafetensors(toTensors(snapshot.tensors));
    const content: Manifest = {
      format: "spikevine checkpoint",
      version: 1,
      written: new Date().toISOString(),
      run,
      progress: snapshot.progress,
      tensors: { bytes: tensors.length, sha256: sha256(tensors) },
    };
    await writeAtomically(this.#path(number, "safetensors"), tensors, this.#files);
    await writeAtomically(this.#path(number, "json"), serializeManifest(content), this.#files);
    this.#newest = number;
    await this.#prune();
    return this.#path(number, "json");
  }

  /**
   * Finds the newest intact checkpoint.
   * @throws SpikevineError if there are checkpoints but none is intact, or the folder cannot be read
   */
  async latest(): Promise<FoundCheckpoint> {
    const problems: string[] = [];
    for (const number of (await this.#numbers("json")).sort((a, b) => b - a)) {
      try {
        return { checkpoint: await this.#read(number), problems };
      } catch (error) {
        if (!(error instanceof SpikevineError)) throw error;
        problems.push(error.message);
      }
    }
    if (problems.length === 0) return { problems };
    throw new SpikevineError(`no checkpoint in "${this.folder}" is intact; start the run again. ${problems.join(" ")}`);
  }

  async #read(number: number): Promise<Checkpoint> {
    const path = this.#path(number, "json");
    const { tensors, progress, run } = parseManifest(
      await readFileText(path, { fix: "use the checkpoint before it", largest: LARGEST_MANIFEST, files: this.#files }),
      path,
    );
    const file = this.#path(number, "safetensors");
    const bytes = await readBytes(file, tensors.bytes, this.#files);
    if (sha256(bytes) !== tensors.sha256) {
      throw new SpikevineError(`checkpoint "${file}" is damaged (its checksum differs); use the one before it.`);
    }
    return { path, run, snapshot: { progress, tensors: fromTensors(parseSafetensors(bytes, file).tensors, file) } };
  }

  /** Numbers of the files of one kind, or of any. */
  async #numbers(kind?: "json" | "safetensors"): Promise<number[]> {
    const found = (await this.#list()).flatMap((name) => {
      const match = NAME.exec(name);
      return match !== null && (kind === undefined || match[2] === kind) ? [Number(match[1])] : [];
    });
    return [...new Set(found)];
  }

  async #list(): Promise<string[]> {
    try {
      return await this.#files.promises.readdir(this.folder);
    } catch (error) {
      if (isMissing(error)) return [];
      throw cannot("read the checkpoints in", this.folder, error, "check the folder");
    }
  }

  /** Removes old checkpoints and incomplete files of killed runs. A failure only leaves files behind. */
  async #prune(): Promise<void> {
    const kept = new Set((await this.#numbers("json")).sort((a, b) => b - a).slice(0, this.#keep));
    const names = (await this.#list()).filter((name) => {
      const number = NAME.exec(name)?.[1];
      return number === undefined ? /^checkpoint-\d{8}\..*\.tmp$/.test(name) : !kept.has(Number(number));
    });
    // The manifest is removed first: a checkpoint without its tensors must not look complete.
    names.sort((a, b) => Number(b.endsWith(".json")) - Number(a.endsWith(".json")));
    for (const name of names)
      await this.#files.promises.rm(join(this.folder, name), { force: true }).catch(() => undefined);
  }

  #path(number: number, kind: "json" | "safetensors"): string {
    return join(this.folder, `checkpoint-${String(number).padStart(8, "0")}.${kind}`);
  }
}

async function readBytes(path: string, wanted: number, files: FileSystem): Promise<Uint8Array> {
  const fix = "use the checkpoint before it";
  const { size } = await files.promises.stat(path).catch((error: unknown) => {
    throw cannot("read", path, error, fix);
  });
  if (size !== wanted) {
    throw new SpikevineError(`checkpoint "${path}" has ${size} bytes instead of ${wanted}; use the one before it.`);
  }
  return readFileBytes(path, { fix, files });
}

const toTensors = (state: ReadonlyMap<string, StateTensor>): Map<string, Tensor> =>
  new Map([...state].map(([name, { rows, columns, data }]) => [name, { shape: [rows, columns], data }]));

function fromTensors(tensors: ReadonlyMap<string, Tensor>, file: string): Map<string, StateTensor> {
  const state = new Map<string, StateTensor>();
  for (const [name, { shape, data }] of tensors) {
    const [rows, columns, ...more] = shape;
    if (rows === undefined || columns === undefined || more.length > 0 || !(data instanceof Float32Array)) {
      throw new SpikevineError(`checkpoint "${file}": ${name} is not a matrix of float32; use the one before it.`);
    }
    state.set(name, { rows, columns, data });
  }
  return state;
}
