import type { Operation, Plan, Procedure, Program, RunInputs } from "../../contract.js";
import { checkRunInputs, namesIn, planBytes } from "../../host/index.js";
import type { Backend } from "../backend/backend.js";
import { compileStepAdjointScan } from "../cpu/adjoint-scan.js";
import { compileStepScan } from "../cpu/scan.js";
import { compileRecurrentAdjointScan } from "../gpu/recurrent-adjoint-scan.js";
import { compileRecurrentScan } from "../gpu/recurrent-scan.js";
import { compileAdjointScan } from "../gpu/replayed-adjoint-scan.js";
import { compileScan } from "../gpu/replayed-scan.js";
import { compileAdd } from "../operations/add.js";
import { compileUnitGradient, compileWeightGradient } from "../operations/gradients.js";
import { compileDropoutMask, compileEncode, compileLoss } from "../operations/host-operations.js";
import { compileNeighbors } from "../operations/neighbors.js";
import { compileNormalize, compileNormalizeGradient } from "../operations/normalization.js";
import { compilePool, compilePoolGradient } from "../operations/pooling.js";
import { compileCurrent, compileInputGradient } from "../operations/products.js";
import { compileReadout, compileReduce } from "../operations/reductions.js";
import { compileRescale } from "../operations/rescale.js";
import { compileUpdate } from "../operations/update.js";
import { ArrayStore } from "./arrays.js";
import { chunkLength, divideSteps, LONGEST_CHUNK } from "./chunks.js";
import { type CompileContext, type CompiledOperation, createCompileContext } from "./compile-context.js";
import { KernelSet } from "./kernel-cache.js";
import { ProcedureMemory } from "./memory.js";
import { TensorMemory } from "./tensor-memory.js";

interface CompiledProcedure {
  readonly memory: ProcedureMemory;
  readonly steps: readonly { readonly run: CompiledOperation; readonly lastUses: readonly string[] }[];
}

/** A plan on gpu.js. The plan must have passed `checkPlan`. */
export class GpujsProgram implements Program {
  readonly #plan: Plan;
  readonly #arrays: ArrayStore;
  readonly #kernels: KernelSet;
  readonly #tensors: TensorMemory;
  readonly #procedures = new Map<string, CompiledProcedure>();
  #disposed = false;
  readonly memoryBytes: number;

  constructor(
    plan: Plan,
    backend: Backend,
    longestChunk: number = backend.hostArrays ? Number.POSITIVE_INFINITY : LONGEST_CHUNK,
  ) {
    this.#plan = plan;
    this.memoryBytes = planBytes(plan, 4);
    this.#arrays = new ArrayStore(backend);
    this.#kernels = new KernelSet(backend, this.#arrays);
    this.#tensors = new TensorMemory(this.#arrays, plan.tensors);
    for (const [procedure, spec] of Object.entries(plan.procedures)) {
      this.#procedures.set(procedure, this.#compile(spec, backend.hostArrays, longestChunk));
    }
  }

  /** Number of this program's arrays on the device. */
  get arrayCount(): number {
    return this.#arrays.count;
  }

  async run(procedure: string, inputs: RunInputs): Promise<void> {
    this.#assertAlive();
    const run = checkRunInputs(this.#plan, procedure, inputs);
    const { memory, steps } = this.#procedures.get(procedure)!;
    memory.begin(run);
    try {
      for (const step of steps) {
        await step.run(memory);
        memory.forget(step.lastUses);
        this.#sweep();
      }
    } finally {
      this.#sweep();
    }
  }

  async readTensor(name: string): Promise<Float32Array> {
    this.#assertAlive();
    return this.#tensors.read(name);
  }

  async writeTensor(name: string, data: Float32Array): Promise<void> {
    this.#assertAlive();
    await this.#tensors.write(name, data);
    this.#sweep();
  }

  async readSignal(procedure: string, name: string): Promise<Float32Array> {
    this.#assertAlive();
    const role = this.#plan.procedures[procedure]?.signals[name]?.role;
    if (role === undefined) throw new Error(`no signal "${name}" in "${procedure}"`);
    if (role !== "result" && role !== "kept") {
      throw new Error(`signal "${name}" has role ${role}; only a result or kept signal can be read`);
    }
    return (await this.#procedures.get(procedure)!.memory.host(name)).slice();
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#arrays.dispose();
    this.#kernels.dispose();
    this.#procedures.clear();
  }

  #compile(procedure: Procedure, hostArrays: boolean, longestChunk: number): CompiledProcedure {
    const { batch, steps, signals, operations } = procedure;
    const widest = Math.max(1, ...Object.values(signals).map(({ width }) => width));
    const chunks = divideSteps(steps, chunkLength(steps, widest * batch, longestChunk));
    const context = createCompileContext(procedure, this.#plan.tensors, { kernels: this.#kernels, hostArrays, chunks });
    const lastUses = lastUsesOf(procedure);
    return {
      memory: new ProcedureMemory(this.#arrays, procedure, chunks, this.#tensors),
      steps: operations.map((operation, index) => ({
        run: compileOperation(operation, context),
        lastUses: lastUses[index]!,
      })),
    };
  }

  /** Releases every array that no tensor and no signal holds. */
  #sweep(): void {
    const needed = new Set(this.#tensors.needed());
    for (const { memory } of this.#procedures.values()) for (const array of memory.needed()) needed.add(array);
    this.#arrays.keepOnly(needed);
  }

  #assertAlive(): void {
    if (this.#disposed) throw new Error("the program has been disposed of");
  }
}

/** Per operation, the scratch and input signals that no later operation mentions. */
function lastUsesOf({ operations, signals }: Procedure): string[][] {
  const later = new Set<string>();
  const uses: string[][] = operations.map(() => []);
  for (let index = operations.length - 1; index >= 0; index--) {
    for (const name of namesIn(operations[index]!)) {
      const role = signals[name]?.role;
      if ((role === "scratch" || role === "input") && !later.has(name)) uses[index]!.push(name);
      later.add(name);
    }
  }
  return uses;
}

function compileOperation(operation: Operation, context: CompileContext): CompiledOperation {
  switch (operation.op) {
    case "encode":
      return compileEncode(operation, context);
    case "dropoutMask":
      return compileDropoutMask(operation, context);
    case "loss":
      return compileLoss(operation, context);
    case "current":
      return compileCurrent(operation, context);
    case "scan":
      if (context.hostArrays) return compileStepScan(operation, context);
      if (operation.recurrent === undefined) return compileScan(operation, context);
      return compileRecurrentScan(operation, context, operation.recurrent);
    case "readout":
      return compileReadout(operation, context);
    case "adjointScan":
      if (context.hostArrays) return compileStepAdjointScan(operation, context);
      if (operation.recurrent === undefined) return compileAdjointScan(operation, context);
      return compileRecurrentAdjointScan(operation, context, operation.recurrent);
    case "neighbors":
      return compileNeighbors(operation, context);
    case "rescale":
      return compileRescale(operation, context);
    case "inputGradient":
      return compileInputGradient(operation, context);
    case "weightGradient":
      return compileWeightGradient(operation, context);
    case "unitGradient":
      return compileUnitGradient(operation, context);
    case "update":
      return compileUpdate(operation, context);
    case "pool":
      return compilePool(operation, context);
    case "poolGradient":
      return compilePoolGradient(operation, context);
    case "add":
      return compileAdd(operation, context);
    case "normalize":
      return compileNormalize(operation, context);
    case "normalizeGradient":
      return compileNormalizeGradient(operation, context);
    case "reduce":
      return compileReduce(operation, context);
  }
}
