import type { Operation, Plan, Program } from "../contract.js";
import {
  checkRunInputs,
  dropoutMaskOnHost,
  encodeOnHost,
  lossOnHost,
  type Precision,
  planBytes,
  type RunInputsOfAnyPrecision,
  unpackSpikes,
} from "../host/index.js";
import { compileAdjointScan } from "./adjoint-scan.js";
import {
  allocateSignals,
  allocateTensors,
  type CompiledOperation,
  type Matrix,
  type Memory,
  type Signal,
} from "./memory.js";
import { compileNeighbors } from "./neighbors.js";
import { compileNormalize, compileNormalizeGradient } from "./normalization.js";
import { compileAdd, compilePool, compilePoolGradient } from "./pooling.js";
import { compileCurrent, compileInputGradient, compileWeightGradient } from "./products.js";
import { compileReadout, compileReduce, compileUnitGradient } from "./reductions.js";
import { compileRescale } from "./rescale.js";
import { compileScan } from "./scan.js";
import { compileUpdate } from "./update.js";

/** A compiled procedure and the samples of its latest run. */
interface Compiled {
  readonly signals: ReadonlyMap<string, Signal>;
  readonly operations: readonly CompiledOperation[];
  samples: number;
}

/** A plan on the reference device. Besides the contract it offers reads and writes in double precision. */
export class ReferenceProgram implements Program {
  readonly #plan: Plan;
  readonly #tensors: Map<string, Matrix>;
  readonly #procedures = new Map<string, Compiled>();
  #disposed = false;
  readonly memoryBytes: number;

  /** The plan must have passed `checkPlan`. */
  constructor(plan: Plan, precision: Precision) {
    this.#plan = plan;
    this.memoryBytes = planBytes(plan, precision === "double" ? 8 : 4);
    this.#tensors = allocateTensors(plan, precision);
    for (const [name, procedure] of Object.entries(plan.procedures)) {
      const signals = allocateSignals(plan, name, precision);
      const memory: Memory = {
        precision,
        steps: procedure.steps,
        inTime: (signal) => procedure.signals[signal]!.rows === "steps",
        tensor: (tensor) => this.#tensors.get(tensor)!,
        signal: (signal) => signals.get(signal)!,
      };
      const kept = (signal: string): boolean => procedure.signals[signal]!.role === "kept";
      const operations = procedure.operations.map((operation) => compile(operation, memory, kept));
      this.#procedures.set(name, { signals, operations, samples: 0 });
    }
  }

  async run(procedure: string, inputs: RunInputsOfAnyPrecision): Promise<void> {
    this.#assertAlive();
    const run = checkRunInputs(this.#plan, procedure, inputs);
    const compiled = this.#procedures.get(procedure)!;
    for (const [name, data] of Object.entries(run.signals)) {
      const signal = compiled.signals.get(name)!;
      if (data instanceof Uint32Array) unpackSpikes(data, signal.width, signal.data);
      else signal.data.set(data);
    }
    for (const operation of compiled.operations) operation(run);
    compiled.samples = run.samples;
  }

  async readTensor(name: string): Promise<Float32Array> {
    return Float32Array.from(this.#tensor(name).data);
  }

  async readTensorDouble(name: string): Promise<Float64Array> {
    return Float64Array.from(this.#tensor(name).data);
  }

  async writeTensor(name: string, data: Float32Array): Promise<void> {
    this.#write(name, data);
  }

  async writeTensorDouble(name: string, data: Float64Array): Promise<void> {
    this.#write(name, data);
  }

  async readSignal(procedure: string, name: string): Promise<Float32Array> {
    return Float32Array.from(this.#signal(procedure, name));
  }

  async readSignalDouble(procedure: string, name: string): Promise<Float64Array> {
    return Float64Array.from(this.#signal(procedure, name));
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#tensors.clear();
    this.#procedures.clear();
  }

  #assertAlive(): void {
    if (this.#disposed) throw new Error("the program has been disposed of");
  }

  #tensor(name: string): Matrix {
    this.#assertAlive();
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) throw new Error(`no tensor "${name}" in the plan`);
    return tensor;
  }

  #write(name: string, data: Float32Array | Float64Array): void {
    const tensor = this.#tensor(name);
    if (data.length !== tensor.data.length) {
      throw new Error(
        `tensor "${name}" is [${tensor.rows}, ${tensor.columns}] and needs ${tensor.data.length} numbers, not ${data.length}`,
      );
    }
    tensor.data.set(data);
  }

  #signal(procedure: string, name: string): Float32Array | Float64Array {
    this.#assertAlive();
    const compiled = this.#procedures.get(procedure);
    const signal = compiled?.signals.get(name);
    if (compiled === undefined || signal === undefined) throw new Error(`no signal "${name}" in "${procedure}"`);
    const { role } = this.#plan.procedures[procedure]!.signals[name]!;
    if (role !== "result" && role !== "kept") {
      throw new Error(`signal "${name}" has role ${role}; only a result or kept signal can be read`);
    }
    return signal.data.subarray(0, compiled.samples * signal.rows * signal.width);
  }
}

function compile(operation: Operation, memory: Memory, isKept: (signal: string) => boolean): CompiledOperation {
  switch (operation.op) {
    case "encode": {
      const encode = encodeOnHost(operation.encoder);
      const from = memory.signal(operation.from);
      const to = memory.signal(operation.to).data;
      const { stream } = operation;
      const before = operation.before === undefined ? undefined : memory.signal(operation.before).data;
      const size = { steps: memory.steps, inTime: memory.inTime(operation.from), width: from.width, stream };
      return (run) => encode({ ...run, ...size }, from.data, to, before);
    }
    case "dropoutMask": {
      const { data, width } = memory.signal(operation.to);
      return (run) => dropoutMaskOnHost(operation, { ...run, width }, data);
    }
    case "loss": {
      const data = (name: string): Float32Array | Float64Array => memory.signal(name).data;
      const arrays = {
        from: data(operation.from),
        target: operation.target === undefined ? undefined : data(operation.target),
        gradient: data(operation.gradient),
        value: data(operation.value),
      };
      const loss = lossOnHost(operation, { outputs: memory.signal(operation.from).width, steps: memory.steps });
      return ({ samples }) => loss(samples, arrays);
    }
    case "current":
      return compileCurrent(operation, memory);
    case "scan":
      return compileScan(operation, memory);
    case "readout":
      return compileReadout(operation, memory, isKept(operation.to));
    case "adjointScan":
      return compileAdjointScan(operation, memory);
    case "neighbors":
      return compileNeighbors(operation, memory);
    case "rescale":
      return compileRescale(operation, memory);
    case "inputGradient":
      return compileInputGradient(operation, memory);
    case "weightGradient":
      return compileWeightGradient(operation, memory);
    case "unitGradient":
      return compileUnitGradient(operation, memory);
    case "update":
      return compileUpdate(operation, memory);
    case "pool":
      return compilePool(operation, memory);
    case "poolGradient":
      return compilePoolGradient(operation, memory);
    case "add":
      return compileAdd(operation, memory);
    case "normalize":
      return compileNormalize(operation, memory);
    case "normalizeGradient":
      return compileNormalizeGradient(operation, memory);
    case "reduce":
      return compileReduce(operation, memory);
  }
}
