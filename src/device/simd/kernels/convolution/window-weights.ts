import type { Convolution } from "../../../contract.js";
import { computedColumns, PANEL_COLUMNS, PANEL_ROW, type TensorLayout, tensorBytes } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32, get, i32, set } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { type KernelContext, synapseKernel } from "../codegen/kernel-context.js";

/**
 * The weights of a convolution, transposed for its input gradient: row i * outputs + o holds the weights of output channel o
 * at row i of the window, column j * inputs + c those of its column j and input channel c. So a row is what an error adds
 * to a row of the window.
 */
export function windowWeights({ input, output, size }: Convolution, address: number): TensorLayout {
  const [rows, columns] = [size[0] * output.channels, size[1] * input.channels];
  return { address, rows, columns, panelBytes: tensorBytes(rows, columns).panelBytes };
}

export const windowWeightsBytes = ({ input, output, size }: Convolution): number =>
  tensorBytes(size[0] * output.channels, size[1] * input.channels).bytes;

/** Writes the transposed weights; items are their rows. */
export function transposeWindows(
  context: KernelContext,
  name: string,
  { weights, region, convolution }: { weights: string; region: string; convolution: Convolution },
): void {
  const from = context.tensor(weights);
  const to = windowWeights(convolution, context.region(region));
  const outputs = convolution.output.channels;
  synapseKernel(context, name, (f, first, last) => {
    f.range(get(first), get(last), 1, (row) => {
      const windowRow = f.let(TYPE.i32, i32.divU(get(row), i32.const(outputs)));
      const output = f.let(TYPE.i32, i32.sub(get(row), i32.mul(get(windowRow), i32.const(outputs))));
      const source = i32.add(place(from, get(output)), i32.mul(get(windowRow), i32.const(to.columns * PANEL_ROW)));
      const at = f.let(TYPE.i32, source);
      const target = f.let(TYPE.i32, i32.add(i32.const(to.address), i32.mul(get(row), i32.const(PANEL_ROW))));
      eachColumn(f, to, (column) => {
        const element = i32.add(get(target), columnPlace(to, get(column)));
        f.emit(f32.store(0, element, f32.load(0, get(at))), set(at, i32.add(get(at), i32.const(PANEL_ROW))));
      });
      for (let column = to.columns; column < computedColumns(to.columns); column++) {
        f.emit(f32.store(0, i32.add(get(target), columnPlace(to, i32.const(column))), f32.const(0)));
      }
    });
  });
}

const eachColumn = (f: FunctionBuilder, { columns }: TensorLayout, body: (column: number) => void): void =>
  f.range(i32.const(0), i32.const(columns), 1, body);

/** Offset of a column in row 0 of a tensor. */
function columnPlace({ panelBytes }: TensorLayout, column: Code): Code {
  const panel = i32.mul(i32.shrU(column, i32.const(Math.log2(PANEL_COLUMNS))), i32.const(panelBytes));
  return i32.add(panel, i32.shl(i32.and(column, i32.const(PANEL_COLUMNS - 1)), i32.const(2)));
}

const place = (tensor: TensorLayout, column: Code): Code =>
  i32.add(i32.const(tensor.address), columnPlace(tensor, column));
