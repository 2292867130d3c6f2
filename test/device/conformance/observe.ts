import type { Device, Program } from "#spikevine/src/device/contract";
import type { ConformanceCase } from "./case.js";

export type Values = Float32Array | Float64Array;

/** Results of a device for a case: every compared array by its source, in the order of reading. */
export interface Observation {
  /** Keys are `tensor NAME` and `run N: NAME`. */
  readonly arrays: ReadonlyMap<string, Values>;
}

/** Reads at the device's own precision where it offers more than the contract's. */
interface DoubleProgram extends Program {
  readTensorDouble(name: string): Promise<Float64Array>;
  readSignalDouble(procedure: string, name: string): Promise<Float64Array>;
}
const isDouble = (program: Program): program is DoubleProgram => "readSignalDouble" in program;

/** Runs a case on a device. */
export async function observe(device: Device, { plan, ...todo }: ConformanceCase): Promise<Observation> {
  const program = await device.compile(plan);
  const arrays = new Map<string, Values>();
  try {
    for (const [name, data] of Object.entries(todo.tensors)) await program.writeTensor(name, data);
    for (const [index, { procedure, inputs }] of todo.runs.entries()) {
      await program.run(procedure, inputs);
      if (!todo.compareSignals) continue;
      for (const [name, { role }] of Object.entries(plan.procedures[procedure]!.signals)) {
        if (role !== "result" && role !== "kept") continue;
        const values = isDouble(program)
          ? await program.readSignalDouble(procedure, name)
          : await program.readSignal(procedure, name);
        arrays.set(`run ${index}: ${name}`, values);
      }
    }
    for (const name of todo.compareTensors) {
      const values = isDouble(program) ? await program.readTensorDouble(name) : await program.readTensor(name);
      arrays.set(`tensor ${name}`, values);
    }
  } finally {
    await program.dispose();
  }
  return { arrays };
}
