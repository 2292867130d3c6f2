import type { Scan } from "../../../contract.js";
import { TYPE } from "../../wasm/encoding.js";
import { get, i32, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { type Block, type KernelContext, sampleKernel } from "../codegen/kernel-context.js";
import { eachUnits, quadsOf } from "../codegen/unit-groups.js";
import { unitsInOrder } from "../spikes/index-lists.js";
import { listSpikes } from "../spikes/spike-deltas.js";
import { RecurrentScan } from "./recurrent-scan.js";
import { ScanWriter } from "./scan-writer.js";

/** Memory of a scan: a bitmap of spikes, or the workspace and weights of recurrent connections. */
export type ScanWork =
  | { readonly bits: string | undefined }
  | { readonly workspace: string; readonly recurrent: string };

/**
 * The forward scan. Without recurrent connections every group of units runs through all steps with its state in
 * registers. With them all units of a block finish a step before the next one, and their states are in the workspace.
 */
export function scan(context: KernelContext, name: string, operation: Scan, work: ScanWork): void {
  const writer = new ScanWriter(context, operation);
  sampleKernel(context, name, (f, block) => {
    if ("recurrent" in work) new RecurrentScan(writer, work).write(f, block);
    else unitByUnit(writer, f, block, work.bits);
  });
}

function unitByUnit(writer: ScanWriter, f: FunctionBuilder, block: Block, bits: string | undefined): void {
  const { steps, listTables } = writer.context;
  block.each(f, (b) => {
    const addresses = writer.addresses(f, block, b, bits);
    const current = f.let(TYPE.i32, block.sample(writer.current, get(b)));
    eachUnits(f, writer.context, writer.to.width, (unit, valid) => {
      const quads = writer.quads(f, unit, valid);
      writer.states.begin(f, quads, unit, addresses.carry);
      const row = f.let(TYPE.i32, i32.add(get(current), get(unit)));
      const rowBytes = writer.current.rows === 1 ? 0 : writer.current.rowBytes;
      const step = (t: number, isLast: boolean): ReturnType<ScanWriter["step"]> => {
        const inputs = quadsOf(valid).map((quad) => v128.load(16 * quad, get(row)));
        return writer.step(f, quads, inputs, addresses, { unit, valid, t, isLast });
      };
      const { carry } = addresses;
      f.range(i32.const(0), i32.const(carry === undefined ? steps : steps - 1), 1, (t) => {
        step(t, false);
        if (rowBytes > 0) f.emit(set(row, i32.add(get(row), i32.const(rowBytes))));
      });
      if (carry === undefined) return;
      writer.states.end(f, step(f.let(TYPE.i32, i32.const(steps - 1)), true), unit, carry);
    });
    if (addresses.bits === undefined) return;
    const { width } = writer.to;
    const groups = i32.const(Math.ceil(width / 8));
    listSpikes(f, listTables, writer.to, {
      bits: addresses.bits,
      spikes: addresses.to,
      groups,
      units: () => unitsInOrder(f),
    });
  });
}
