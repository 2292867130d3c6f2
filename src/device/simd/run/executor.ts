import { compileLoss, dividedLoss, divisorOf, type LossRows } from "../../host/loss.js";
import { HEADER, PHASE_BYTES, PHASE_DONE, word } from "../compile/header.js";
import type { PhaseImage, ProcedureImage, ProgramImage, SampleWork, SynapseWork } from "../compile/image.js";
import type { SignalLayout } from "../compile/layout.js";
import { PORTABLE_IMPORTS } from "../kernels/codegen/portable-lanes.js";

type SampleKernel = (b0: number, b1: number, scratch: number) => void;
type SynapseKernel = (from: number, to: number) => void;

/** A phase with its kernel functions. */
type PreparedPhase =
  | { readonly axis: "sample"; readonly blockSamples: number; readonly kernels: readonly SampleKernel[] }
  | { readonly axis: "synapse"; readonly works: readonly PreparedWork[]; readonly workItems: number };

type PreparedWork = SynapseWork & { readonly run: SynapseKernel };

/** Views of the memory; its size is fixed, so they stay valid. */
interface Views {
  readonly words: Int32Array;
  readonly numbers: Float32Array;
}

/** One thread's part of a program: an instance of the module, and the loops that claim work items. */
export class Executor {
  readonly words: Int32Array;
  readonly #scratch: number;
  readonly #threads: number;
  readonly #procedures: readonly (readonly PreparedPhase[])[];

  constructor(image: ProgramImage, thread: number) {
    const { memory, module, scratch, procedures, threads } = image;
    this.#threads = threads;
    this.words = new Int32Array(memory.buffer);
    this.#scratch = scratch.address + thread * scratch.bytes;
    const views = { words: this.words, numbers: new Float32Array(memory.buffer) };
    const { exports } = new WebAssembly.Instance(module, {
      host: { memory, sin: Math.sin, cos: Math.cos, ...PORTABLE_IMPORTS },
    });
    this.#procedures = procedures.map((procedure) =>
      procedure.phases.map((phase) => prepare(phase, procedure, exports, views)),
    );
  }

  /** Number of phases of a procedure. */
  phases(procedure: number): number {
    return this.#procedures[procedure]!.length;
  }

  /** Claims and runs work items of a phase, which are samples or parts of tensors, until none is left. */
  work(procedure: number, index: number): void {
    const phase = this.#procedures[procedure]![index]!;
    if (phase.axis === "sample") this.#workOnSamples(phase, index);
    else this.#workOnSynapses(phase, index);
  }

  /** True if all work items of a phase are done, on any thread. */
  isDone(procedure: number, index: number): boolean {
    return Atomics.load(this.words, this.done(index)) >= this.#workItems(this.#procedures[procedure]![index]!);
  }

  /** Index of the word that counts the claimed work items of a phase. */
  claimed(index: number): number {
    return word(HEADER.phases + index * PHASE_BYTES);
  }

  /** Index of the word that counts the finished work items of a phase. */
  done(index: number): number {
    return word(HEADER.phases + index * PHASE_BYTES + PHASE_DONE);
  }

  #workItems(phase: PreparedPhase): number {
    return phase.axis === "synapse" ? phase.workItems : this.words[word(HEADER.samples)]!;
  }

  #claim(index: number): number {
    return Atomics.add(this.words, this.claimed(index), 1);
  }

  #finish(phase: PreparedPhase, index: number, items = 1): void {
    const done = this.done(index);
    if (Atomics.add(this.words, done, items) + items === this.#workItems(phase)) Atomics.notify(this.words, done);
  }

  #workOnSamples(phase: PreparedPhase & { axis: "sample" }, index: number): void {
    const { blockSamples, kernels } = phase;
    const samples = this.words[word(HEADER.samples)]!;
    const claimed = this.claimed(index);
    for (;;) {
      const first = Atomics.load(this.words, claimed);
      if (first >= samples) return;
      const last = first + this.#blockOf(samples - first, blockSamples);
      if (Atomics.compareExchange(this.words, claimed, first, last) !== first) continue;
      for (const kernel of kernels) kernel(first, last, this.#scratch);
      this.#finish(phase, index, last - first);
    }
  }

  /** Samples to claim of those that are left: fewer towards the end, so that all threads end at about the same time. */
  #blockOf(left: number, blockSamples: number): number {
    if (this.#threads === 1) return Math.min(left, blockSamples);
    return Math.min(blockSamples, Math.ceil(left / (2 * this.#threads)));
  }

  #workOnSynapses(phase: PreparedPhase & { axis: "synapse" }, index: number): void {
    let workItem = this.#claim(index);
    let passed = 0;
    for (const { run, items, grain } of phase.works) {
      const workItems = Math.ceil(items / grain);
      while (workItem < passed + workItems) {
        const from = (workItem - passed) * grain;
        run(from, Math.min(from + grain, items));
        this.#finish(phase, index);
        workItem = this.#claim(index);
      }
      passed += workItems;
    }
  }
}

function prepare(
  phase: PhaseImage,
  { blockSamples }: ProcedureImage,
  exports: WebAssembly.Exports,
  views: Views,
): PreparedPhase {
  if (phase.axis === "synapse") {
    const works = phase.tasks.map((task) => ({ ...task, run: exports[task.kernel] as SynapseKernel }));
    const workItems = works.reduce((sum, { items, grain }) => sum + Math.ceil(items / grain), 0);
    return { axis: "synapse", works, workItems };
  }
  const kernels = phase.tasks.map((task) => sampleKernel(task, exports, views));
  return { axis: "sample", blockSamples, kernels };
}

function sampleKernel(task: SampleWork, exports: WebAssembly.Exports, views: Views): SampleKernel {
  if ("kernel" in task) return exports[task.kernel] as SampleKernel;
  const { steps, layouts } = task;
  const { from, target, gradient, value } = layouts;
  const outputs = from.width;
  const loss = compileLoss(task.loss.loss, { outputs, steps });
  return (b0, b1, scratch) => {
    const divisor = divisorOf(task.loss, views.words[word(HEADER.samples)]!);
    const rows = (layout: SignalLayout, b: number): LossRows => {
      const start = (layout.memory === "batch" ? 0 : scratch) + layout.address;
      const index = (start + (layout.memory === "batch" ? b : b - b0) * layout.sampleBytes) / 4;
      return { data: views.numbers, start: index, stride: layout.rows === 1 ? 0 : layout.rowBytes / 4 };
    };
    for (let b = b0; b < b1; b++) {
      const sample = { y: rows(from, b), target: target && rows(target, b), gradient: rows(gradient, b) };
      views.numbers[rows(value, b).start] = dividedLoss(loss, sample, { rows: from.rows, outputs }, divisor);
    }
  };
}
