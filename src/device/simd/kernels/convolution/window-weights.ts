import type { Convolution } from "../../../contract.js";
import { computedColumns, PANEL_COLUMNS, PANEL_ROW, type TensorLayout, tensorBytes } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32, get, i32, set, v128 } from "../../wasm/instructions.js";
import { type KernelContext, synapseKernel } from "../codegen/kernel-context.js";
import { transposed } from "../tensors/rule-update.js";

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

/** Work items of `transposeWindows`: four output channels at one row of the window. */
export const windowItems = ({ output, size }: Convolution): number => size[0] * Math.ceil(output.channels / QUAD);

/** Writes the transposed weights, in squares of four by four if the number of input channels allows it. */
export function transposeWindows(
  context: KernelContext,
  name: string,
  { weights, region, convolution }: { weights: string; region: string; convolution: Convolution },
): void {
  const from = context.tensor(weights);
  const to = windowWeights(convolution, context.region(region));
  const outputs = convolution.output.channels;
  const quads = Math.ceil(outputs / QUAD);
  const squares = to.columns % QUAD === 0 && convolution.input.channels % QUAD === 0;
  synapseKernel(context, name, (f, first, last) => {
    f.range(get(first), get(last), 1, (item) => {
      const windowRow = f.let(TYPE.i32, i32.divU(get(item), i32.const(quads)));
      const skipped = i32.mul(get(windowRow), i32.const(quads));
      const output = f.let(TYPE.i32, i32.shl(i32.sub(get(item), skipped), i32.const(2)));
      const source = i32.add(place(from, get(output)), i32.mul(get(windowRow), i32.const(to.columns * PANEL_ROW)));
      const at = f.let(TYPE.i32, source);
      const row = i32.add(i32.mul(get(windowRow), i32.const(outputs)), get(output));
      const target = f.let(TYPE.i32, i32.add(i32.const(to.address), i32.mul(row, i32.const(PANEL_ROW))));
      const rows = [...Array(QUAD).keys()];
      /** Runs the body for the rows that exist. */
      const eachRow = (body: (row: number) => void): void => {
        for (const row of rows) {
          if (outputs % QUAD === 0 || row === 0) body(row);
          else f.if(i32.ltU(i32.add(get(output), i32.const(row)), i32.const(outputs)), () => body(row));
        }
      };
      f.range(i32.const(0), i32.const(to.columns), squares ? QUAD : 1, (column) => {
        const element = f.let(TYPE.i32, i32.add(get(target), columnPlace(to, get(column))));
        if (squares) {
          const loaded = rows.map((row) => get(f.let(TYPE.v128, v128.load(row * PANEL_ROW, get(at)))));
          const columns = transposed(loaded).map((square) => get(f.let(TYPE.v128, square)));
          eachRow((row) => f.emit(v128.store(row * PANEL_ROW, get(element), columns[row]!)));
        } else eachRow((row) => f.emit(f32.store(row * PANEL_ROW, get(element), f32.load(4 * row, get(at)))));
        f.emit(set(at, i32.add(get(at), i32.const(squares ? QUAD * PANEL_ROW : PANEL_ROW))));
      });
      for (let column = to.columns; column < computedColumns(to.columns); column++) {
        const element = f.let(TYPE.i32, i32.add(get(target), columnPlace(to, i32.const(column))));
        eachRow((row) => f.emit(f32.store(row * PANEL_ROW, get(element), f32.const(0))));
      }
    });
  });
}

const QUAD = 4;

/** Offset of a column in row 0 of a tensor. */
function columnPlace({ panelBytes }: TensorLayout, column: Code): Code {
  const panel = i32.mul(i32.shrU(column, i32.const(Math.log2(PANEL_COLUMNS))), i32.const(panelBytes));
  return i32.add(panel, i32.shl(i32.and(column, i32.const(PANEL_COLUMNS - 1)), i32.const(2)));
}

const place = (tensor: TensorLayout, column: Code): Code =>
  i32.add(i32.const(tensor.address), columnPlace(tensor, column));
