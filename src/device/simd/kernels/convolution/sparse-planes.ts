import type { Convolution } from "../../../contract.js";
import { computedColumns, PANEL_COLUMNS } from "../../compile/layout.js";

/** Bytes of the errors of one slice of a group of images, which stay in the first-level cache if an image does. */
export const GROUP_BYTES = 48 * 1024;

/** Fewest work items of a weight gradient: with fewer slices of channels, the images are divided too. */
const FEWEST_ITEMS = 8;

/** One axis of a convolution as its weight gradient sees it. */
export interface AxisPhases {
  readonly stride: number;
  readonly dilation: number;
  readonly padding: number;
  readonly output: number;
  /** Inputs per phase, a phase being a remainder of the division by the stride. */
  readonly perPhase: number;
}

/**
 * Input y = stride * q + phase meets tap k of the window of output q - shift, where stride * shift + phase =
 * k * dilation - padding.
 */
export function axisPhases(convolution: Convolution, axis: 0 | 1): AxisPhases {
  const side = axis === 0 ? "height" : "width";
  const stride = convolution.stride[axis];
  return {
    stride,
    dilation: convolution.dilation[axis],
    padding: convolution.padding[axis],
    output: convolution.output[side],
    perPhase: Math.ceil(convolution.input[side] / stride),
  };
}

/**
 * Layout of the errors of a batch for weight gradients. A plane holds the errors of one image and slice of 32 channels,
 * row by row, each row with a border of zeros after it: any shift along a row that a tap of the window needs leads to an
 * error or to a zero. Groups of images follow each other, and in a group the slices, each with its planes after one more
 * border.
 */
export interface ErrorPlanes {
  readonly channels: number;
  readonly slices: number;
  /** Cells of a border, of a row with its border, and of a plane. */
  readonly border: number;
  readonly pitch: number;
  readonly planeCells: number;
  /** Images per group, and in the batch. */
  readonly together: number;
  readonly images: number;
  readonly groups: number;
  /** Cells of a slice of a group. */
  readonly cells: number;
  readonly groupBytes: number;
  /** Parts of the batch that are summed separately. */
  readonly parts: number;
  readonly groupsPerPart: number;
}

export function errorPlanes(convolution: Convolution, images: number): ErrorPlanes {
  const { channels, height, width } = convolution.output;
  const { stride, dilation, padding, perPhase } = axisPhases(convolution, 1);
  const shiftOf = (tap: number): number => Math.floor((tap * dilation - padding) / stride);
  const left = shiftOf(convolution.size[1] - 1);
  const right = perPhase - shiftOf(0) - width;
  const border = Math.max(0, left, right);
  const pitch = width + border;
  const planeCells = height * pitch;
  const slices = Math.ceil(channels / PANEL_COLUMNS);
  const widest = cellBytes(channels, 0);
  const together = Math.max(1, Math.min(images, Math.floor(GROUP_BYTES / (planeCells * widest))));
  const groups = Math.ceil(images / together);
  const cells = border + together * planeCells;
  const groupsPerPart = Math.ceil(groups / Math.max(1, Math.ceil(FEWEST_ITEMS / slices)));
  return {
    channels,
    slices,
    border,
    pitch,
    planeCells,
    together,
    images,
    groups,
    cells,
    groupBytes: cells * computedColumns(channels) * 4,
    parts: Math.ceil(groups / groupsPerPart),
    groupsPerPart,
  };
}

/** Bytes of the errors of one pixel in a slice. */
export const cellBytes = (channels: number, slice: number): number =>
  4 * Math.min(PANEL_COLUMNS, computedColumns(channels) - slice * PANEL_COLUMNS);
