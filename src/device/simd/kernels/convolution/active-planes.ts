import type { Convolution } from "../../../contract.js";
import { PANEL_COLUMNS, PANEL_ROW, roundUp } from "../../compile/layout.js";
import { bitsRow } from "../spikes/spike-deltas.js";
import { cellBytes, GROUP_BYTES } from "./sparse-planes.js";

/**
 * Memory for the input gradient of active units of one sample. The errors of a few steps are copied to planes, slice by
 * slice of 32 channels, with a border of zeros all around, which neighboring rows and images share. So the window of
 * every input pixel lies in a plane, from a cell `pitch` * y + x on.
 */
export interface ActivePlanes {
  readonly channels: number;
  readonly slices: number;
  /** Cells between rows, rows between images, and both before the first error. */
  readonly pitch: number;
  readonly border: readonly [y: number, x: number];
  readonly imageRows: number;
  /** Steps per group, and cells of a slice of a group. */
  readonly together: number;
  readonly cells: number;
  /** Input rows of a band, whose errors stay in the first-level cache, and bands. */
  readonly bandRows: number;
  readonly bands: number;
  /** Lists of active units: one per band and input channel. */
  readonly keys: number;
  /** Offsets in the workspace. */
  readonly bits: number;
  readonly units: number;
  readonly table: number;
  readonly entries: number;
  readonly planes: number;
  readonly bytes: number;
}

/** Entries that a tile of the product processes; a list is padded to whole tiles. */
export const TILE_ENTRIES = 4;
/** Bytes of an entry: the offset of the window in a slice of the planes, and that of the unit in the rows of the result. */
export const ENTRY_BYTES = 8;

export function activePlanes(convolution: Convolution, steps: number): ActivePlanes {
  const { input, output, size, dilation, padding } = convolution;
  const borderOf = (axis: 0 | 1): number => Math.max(0, (size[axis] - 1) * dilation[axis] - padding[axis]);
  const border = [borderOf(0), borderOf(1)] as const;
  const pitch = output.width + border[1];
  const imageRows = output.height + border[0];
  const pixelBytes = cellBytes(output.channels, 0);
  const together = Math.max(1, Math.min(steps, Math.floor(GROUP_BYTES / (imageRows * pitch * pixelBytes))));
  const cells = border[1] + (border[0] + together * imageRows) * pitch;
  // A band of input rows reads the errors of a few rows more.
  const fitting = Math.max(1, Math.floor(GROUP_BYTES / (pitch * pixelBytes)) - (size[0] - 1) * dilation[0]);
  const bandRows = together > 1 ? input.height : Math.min(input.height, Math.max(4, fitting));
  const bands = Math.ceil(input.height / bandRows);
  const width = input.channels * input.height * input.width;
  const keys = bands * input.channels;
  let end = 0;
  const take = (bytes: number): number => {
    const start = end;
    end = roundUp(end + bytes, 64);
    return start;
  };
  return {
    channels: output.channels,
    slices: Math.ceil(output.channels / PANEL_COLUMNS),
    pitch,
    border,
    imageRows,
    together,
    cells,
    bandRows,
    bands,
    keys,
    bits: take(steps * bitsRow(width)),
    units: take((width + 8) * 4),
    table: take((keys + 1) * 4 + 16),
    entries: take((together * width + TILE_ENTRIES * keys) * ENTRY_BYTES),
    planes: take(cells * Math.ceil(output.channels / PANEL_COLUMNS) * PANEL_ROW),
    bytes: end,
  };
}
