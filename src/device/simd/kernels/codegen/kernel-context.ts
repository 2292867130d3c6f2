import { HEADER } from "../../compile/header.js";
import {
  computedColumns,
  PANEL_COLUMNS,
  PANEL_ROW,
  type SignalLayout,
  type TensorLayout,
} from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { get, i32 } from "../../wasm/instructions.js";
import type { FunctionBuilder, ModuleBuilder } from "../../wasm/module.js";
import type { HostFunctions } from "./math.js";
import type { PortableIndices } from "./portable-lanes.js";

/** Everything that writing a kernel needs, including addresses, for one procedure. */
export interface KernelContext {
  readonly module: ModuleBuilder;
  readonly host: HostFunctions;
  readonly portable: PortableIndices;
  readonly steps: number;
  /**
   * True if the engine merges neighboring instructions into 256-bit ones, which must then be in one stretch of code.
   */
  readonly wide: boolean;
  /** Samples per work item of a thread. */
  readonly blockSamples: number;
  /** Address of the tables for building lists: see `listTables`. */
  readonly listTables: number;
  /** Address of the identities of the run's samples. */
  readonly sampleIds: number;
  signal(name: string): SignalLayout;
  tensor(name: string): TensorLayout;
  /** Address of an auxiliary region. */
  region(name: string): number;
  /** A region that holds the transposed copy of a tensor. */
  transposed(tensor: string, region: string): TensorLayout;
  /** Address of a scalar of the run. */
  scalar(name: string): number;
}

/** The block of samples that a kernel works on. */
export class Block {
  readonly b0: number;
  readonly b1: number;
  readonly #scratch: number;

  constructor(b0: number, b1: number, scratch: number) {
    this.b0 = b0;
    this.b1 = b1;
    this.#scratch = scratch;
  }

  /** Address of sample `b` of a signal. */
  sample(layout: SignalLayout, b: Code): Code {
    if (layout.memory === "batch") return i32.add(i32.const(layout.address), i32.mul(b, i32.const(layout.sampleBytes)));
    const within = i32.mul(i32.sub(b, get(this.b0)), i32.const(layout.sampleBytes));
    return i32.add(i32.add(get(this.#scratch), i32.const(layout.address)), within);
  }

  /** Runs the body for every sample of the block. */
  each(f: FunctionBuilder, body: (b: number) => void): void {
    f.range(get(this.b0), get(this.b1), 1, body);
  }
}

/** Exports a kernel over blocks of samples: samples b0 .. b1 - 1, with the scratch memory of the thread. */
export function sampleKernel(
  { module }: KernelContext,
  name: string,
  write: (f: FunctionBuilder, block: Block) => void,
): void {
  const signature = { parameters: [TYPE.i32, TYPE.i32, TYPE.i32], results: [] };
  module.function(signature, (f, b0, b1, scratch) => write(f, new Block(b0!, b1!, scratch!)), name);
}

/** Exports a kernel over items of a tensor: items from .. to - 1. */
export function synapseKernel(
  { module }: KernelContext,
  name: string,
  write: (f: FunctionBuilder, from: number, to: number) => void,
): void {
  const signature = { parameters: [TYPE.i32, TYPE.i32], results: [] };
  module.function(signature, (f, from, to) => write(f, from!, to!), name);
}

/** Offset in row 0 of a tensor of the column whose byte offset in a row of numbers is `column`. */
export function columnOffset({ columns, panelBytes }: TensorLayout, column: Code): Code {
  if (columns <= PANEL_COLUMNS) return column;
  const panel = i32.shrU(column, i32.const(Math.log2(PANEL_ROW)));
  return i32.add(i32.mul(panel, i32.const(panelBytes)), i32.and(column, i32.const(PANEL_ROW - 1)));
}

/** Number of samples in this run. */
export const runSamples = (): Code => i32.load(HEADER.samples, i32.const(0));

/** Absolute index of this run's first step. */
export const firstStep = (): Code => i32.load(HEADER.firstStep, i32.const(0));

/**
 * Runs the body for groups of `size` units, a multiple of eight: `unit` is a local with the byte offset of the group
 * in a row of numbers, and `valid` the number of existing units in the group, fewer in the last one.
 */
export function eachGroup(
  f: FunctionBuilder,
  width: number,
  body: (unit: number, valid: number) => void,
  size = 8,
): void {
  const full = Math.floor(width / size) * size * 4;
  if (full > 0) f.range(i32.const(0), i32.const(full), size * 4, (unit) => body(unit, size));
  if (width % size > 0) body(f.let(TYPE.i32, i32.const(full)), width % size);
}

/** Runs the body for slices of columns: `column` is a local with the slice's byte offset in a row of numbers. */
export function eachSlice(f: FunctionBuilder, width: number, body: (column: number, registers: number) => void): void {
  const columns = computedColumns(width);
  const full = Math.floor(columns / PANEL_COLUMNS) * PANEL_COLUMNS;
  if (full > 0) f.range(i32.const(0), i32.const(full * 4), PANEL_ROW, (column) => body(column, PANEL_ROW / 16));
  if (columns > full) body(f.let(TYPE.i32, i32.const(full * 4)), (columns - full) / 4);
}
