import type { Device } from "#spikevine/src/device/contract";
import type { ConformanceCase } from "./case.js";
import { compareArrays, type Tolerance } from "./compare.js";
import {
  FORWARDS,
  forwardProcedure,
  INPUTS,
  PLAN_TENSORS,
  run,
  SAMPLES,
  SEED,
  TENSORS,
  UNITS,
} from "./forward-pass.js";
import { convolutionOver, windowsOver } from "./geometry.js";
import { graphCase } from "./graph-case.js";
import { descent, handIntegrator, noisyCurrent } from "./kernels.js";
import { networkCase } from "./network-case.js";
import { integrator } from "./network-cases.js";
import { observe, type Values } from "./observe.js";

/**
 * Changes that must not affect a device's results: splitting a presentation into several runs, the batch that a sample is in,
 * and running the same thing again. Sums are in the same order on both sides, so rounding is all that may differ, and
 * if no sum changes, results are bit-identical.
 */
const CLOSE: Tolerance = { relative: 1e-6, absolute: 1e-7 };
const EXACT: Tolerance = { relative: 0, absolute: 0 };

/** Rows of several parts of a signal, put together for every sample: parts are [samples, steps, width] each. */
function join(parts: readonly Values[], samples: number): Float32Array {
  const rows: number[] = [];
  for (let sample = 0; sample < samples; sample++) {
    for (const part of parts) {
      const length = part.length / samples;
      rows.push(...part.subarray(sample * length, (sample + 1) * length));
    }
  }
  return Float32Array.from(rows);
}

/** Twelve steps at once, then as three runs of four with a carry, then again from the start. */
export async function streaming(device: Device): Promise<string[]> {
  const differences: string[] = [];
  for (const forward of FORWARDS) {
    const { arrays } = await observe(device, {
      name: "streaming",
      plan: {
        tensors: PLAN_TENSORS,
        procedures: { long: forwardProcedure(forward, 12, false), part: forwardProcedure(forward, 4, true) },
      },
      tensors: TENSORS,
      runs: [run("long", 0, SAMPLES), ...[0, 4, 8, 0, 4, 8].map((step) => run("part", 0, SAMPLES, step))],
      compareTensors: [],
      compareSignals: true,
    });
    const at = (index: number, name: string): Values => arrays.get(`run ${index}: ${name}`)!;
    for (const first of [1, 4]) {
      for (const name of ["input", "output"]) {
        const parts = join([at(first, name), at(first + 1, name), at(first + 2, name)], SAMPLES);
        differences.push(...difference(`${forward.neuron.name} ${name}`, at(0, name), parts, CLOSE));
      }
      differences.push(...difference(`${forward.neuron.name} total`, at(0, "total"), at(first + 2, "total"), CLOSE));
    }
  }
  return differences;
}

/**
 * Procedures of one program do not affect each other: results and carries of one stay while another runs, and a tensor
 * that is written between runs counts from the next run on.
 */
export async function interleaving(device: Device): Promise<string[]> {
  const differences: string[] = [];
  for (const forward of FORWARDS) {
    const program = await device.compile({
      tensors: PLAN_TENSORS,
      procedures: { long: forwardProcedure(forward, 12, false), part: forwardProcedure(forward, 4, true) },
    });
    const go = ({ procedure, inputs }: ConformanceCase["runs"][number]) => program.run(procedure, inputs);
    const check = (what: string, wanted: Values, got: Values, tolerance: Tolerance): void => {
      differences.push(...difference(`${forward.neuron.name} ${what}`, wanted, got, tolerance));
    };
    try {
      for (const [name, data] of Object.entries(TENSORS)) await program.writeTensor(name, data);
      await go(run("long", 0, SAMPLES));
      const wanted = await program.readSignal("long", "output");
      const parts: Float32Array[] = [];
      for (const step of [0, 4, 8]) {
        await go(run("part", 0, SAMPLES, step));
        parts.push(await program.readSignal("part", "output"));
        check("output after another procedure", wanted, await program.readSignal("long", "output"), EXACT);
        await go(run("long", 0, SAMPLES));
      }
      check("output of interrupted parts", wanted, join(parts, SAMPLES), CLOSE);
      await program.writeTensor("weights", new Float32Array(INPUTS * UNITS));
      await program.writeTensor("recurrent", new Float32Array(UNITS * UNITS));
      await go(run("long", 0, SAMPLES));
      const silent = await program.readSignal("long", "output");
      if (silent.every((value, n) => value === wanted[n]))
        differences.push("tensors written between runs do not count");
    } finally {
      await program.dispose();
    }
  }
  return differences;
}

/** All samples in one run, and each alone: the same spikes bit for bit, the same numbers but for rounding. */
export async function batching(device: Device): Promise<string[]> {
  const differences: string[] = [];
  for (const forward of FORWARDS) {
    const { arrays } = await observe(device, {
      name: "batching",
      plan: { tensors: PLAN_TENSORS, procedures: { all: forwardProcedure(forward, 5, false) } },
      tensors: TENSORS,
      runs: [run("all", 0, SAMPLES), ...Array.from({ length: SAMPLES }, (_, sample) => run("all", sample, 1))],
      compareTensors: [],
      compareSignals: true,
    });
    for (const name of ["input", "output", "total"]) {
      const together = arrays.get(`run 0: ${name}`)!;
      const alone = Array.from({ length: SAMPLES }, (_, sample) => arrays.get(`run ${sample + 1}: ${name}`)!);
      const joined = Float32Array.from(alone.flatMap((values) => [...values]));
      const tolerance = name === "input" ? EXACT : CLOSE;
      differences.push(...difference(`${forward.neuron.name} ${name}`, together, joined, tolerance));
    }
  }
  return differences;
}

/** Running the same case twice gives bit-identical results. */
export async function repeating(device: Device, what: ConformanceCase): Promise<string[]> {
  const first = await observe(device, what);
  const second = await observe(device, what);
  return [...first.arrays].flatMap(([key, values]) => difference(key, values, second.arrays.get(key)!, EXACT));
}

/** Losses of a graded network one of whose weights is NaN: none may be finite, or a diverged run would go unseen. */
export async function divergence(device: Device): Promise<Values> {
  const broken = networkCase("divergence", {
    seed: SEED,
    inputs: 5,
    encoder: noisyCurrent(),
    layers: [integrator(4), integrator(3)],
    batch: 2,
    samples: 2,
    steps: 3,
    readout: "sum",
    loss: "cross-entropy",
    reduction: "mean",
    updates: 1,
    rule: descent(),
    scalars: { rate: 0.1 },
    visible: false,
  });
  const weights = broken.tensors["l0.weights"]!.slice();
  weights[6] = Number.NaN;
  const { arrays } = await observe(device, { ...broken, tensors: { ...broken.tensors, "l0.weights": weights } });
  return arrays.get("run 0: loss")!;
}

/** Read-outs of one channel whose weights are NaN, past a pool and a normalization: all must be NaN. */
export async function lostImage(device: Device): Promise<Values> {
  const made = graphCase("lost", {
    seed: SEED,
    batch: 2,
    samples: 2,
    steps: 3,
    nodes: {
      input: { op: "encode", width: 25, encoder: noisyCurrent() },
      c0: { op: "convolution", from: "input", convolution: convolutionOver([1, 5, 5], 1, [2, 2]) },
      p0: {
        op: "pool",
        from: "c0",
        kind: "max",
        windows: windowsOver([1, 4, 4], [2, 2], { stride: [2, 2] }),
        scale: 1,
      },
      b0: { op: "normalize", from: "p0", channels: 1 },
      n0: { op: "neuron", from: "b0", neuron: handIntegrator(), parameters: { decay: [0.8] } },
    },
    updates: 1,
    rule: descent(),
    scalars: { rate: 0.1 },
    visible: false,
  });
  const weights = Float32Array.of(1, 1, Number.NaN, 1);
  const { arrays } = await observe(device, { ...made, tensors: { ...made.tensors, "c0.weights": weights } });
  return arrays.get("run 0: readout")!;
}

function difference(what: string, wanted: Values, got: Values, tolerance: Tolerance): string[] {
  const found = compareArrays(wanted, got, tolerance);
  return found === undefined ? [] : [`${what} ${found}`];
}
