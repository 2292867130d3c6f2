import type { AdjointScan } from "../../../contract.js";
import { f32x4, i32, set } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { type Block, type KernelContext, sampleKernel } from "../codegen/kernel-context.js";
import { eachUnits } from "../codegen/unit-groups.js";
import { AdjointWriter } from "./adjoint-writer.js";
import { RecurrentAdjoint, type RecurrentNames } from "./recurrent-adjoint-scan.js";

/**
 * The adjoint scan, from the last step to the first. The starting values of a step are computed again from the stored
 * values of the step before. As in the forward scan, only recurrent connections require that all units finish a step
 * before the next one.
 */
export function adjointScan(
  context: KernelContext,
  name: string,
  operation: AdjointScan,
  recurrent: RecurrentNames | undefined,
): void {
  const writer = new AdjointWriter(context, operation);
  sampleKernel(context, name, (f, block) => {
    if (recurrent === undefined) unitByUnit(writer, f, block);
    else new RecurrentAdjoint(writer, recurrent).write(f, block);
  });
}

function unitByUnit(writer: AdjointWriter, f: FunctionBuilder, block: Block): void {
  block.each(f, (b) => {
    const addresses = writer.addresses(f, block, b);
    eachUnits(f, writer.context, writer.to.width, (unit, valid) => {
      const quads = writer.quads(f, unit, valid);
      for (const { propagated, sums } of quads) {
        for (const local of [...propagated, ...sums]) f.emit(set(local, f32x4.const(0)));
      }
      writer.loadNow(f, quads, addresses, unit, i32.const(writer.context.steps - 1));
      writer.eachStep(f, (t, isFirst) => {
        writer.step(f, quads, addresses, { unit, valid, t, isFirst, recurrentError: undefined, input: undefined });
        writer.truncate(f, t, isFirst, () => {
          for (const local of quads.flatMap((quad) => quad.propagated)) f.emit(set(local, f32x4.const(0)));
        });
      });
      writer.storeSums(f, quads, addresses, unit);
    });
  });
}
