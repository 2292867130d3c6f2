import { execFileSync } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { CheckpointStore } from "#spikevine/src/checkpoint/index";
import { writeNpy } from "#spikevine/src/io/index";
import { sha256 } from "#spikevine/src/io/sha256";
import { saveModel } from "#spikevine/src/model/index";
import { options, SOME_RUN, small, snapshotAfter } from "../checkpoint/training.js";

const sums = `
import hashlib, json, sys
from safetensors.numpy import load_file
print(json.dumps({name: [list(a.shape), str(a.dtype), hashlib.sha256(a.tobytes()).hexdigest()]
                  for name, a in sorted(load_file(sys.argv[1]).items())}))`;

/** Tells if Python has a package. */
function hasPackage(name: string): boolean {
  try {
    execFileSync("python3", ["-c", `import ${name}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const python = (script: string, path: string): unknown =>
  JSON.parse(execFileSync("python3", ["-c", script, path], { encoding: "utf8" }));

const described = (shape: readonly number[], data: Float32Array): unknown => [
  shape,
  "float32",
  sha256(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
];

it.runIf(hasPackage("safetensors.numpy"))(
  "weights and checkpoints open in Python's safetensors, bit-identical",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "spikevine-python-"));
    const net = small();
    await saveModel(join(folder, "weights.safetensors"), net);
    const wanted = [...net.parameters].map(([name, { rows, columns, data }]) => [
      name,
      described([rows, columns], data),
    ]);
    expect(python(sums, join(folder, "weights.safetensors"))).toEqual(Object.fromEntries(wanted));

    const { tensors, progress } = await snapshotAfter(3, small(), options());
    const manifest = await new CheckpointStore(folder, 1).write({ tensors, progress }, SOME_RUN);
    const state = [...tensors].map(([name, { rows, columns, data }]) => [name, described([rows, columns], data)]);
    expect(python(sums, manifest.replace(/json$/, "safetensors"))).toEqual(Object.fromEntries(state));
  },
);

it.runIf(hasPackage("numpy"))(
  "an .npy file of weights opens in NumPy, bit-identical",
  async () => {
    const path = join(await mkdtemp(join(tmpdir(), "spikevine-python-")), "weights.npy");
    const { rows, columns, data } = small().parameters.get("layer1.weights")!;
    await writeNpy(path, { shape: [rows, columns], data });
    const script = `
import hashlib, json, sys
import numpy
a = numpy.load(sys.argv[1])
print(json.dumps([list(a.shape), str(a.dtype), hashlib.sha256(a.tobytes()).hexdigest()]))`;
    expect(python(script, path)).toEqual(described([rows, columns], data));
  },
  120_000,
);
