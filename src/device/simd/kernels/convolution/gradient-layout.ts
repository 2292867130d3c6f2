import type { Convolution } from "../../../contract.js";
import { PANEL_COLUMNS, PANEL_ROW, roundUp, rowsShape, type SignalShape } from "../../compile/layout.js";
import { groupChannels, type Plane } from "./geometry.js";

/** Rows of weights of one work item, and work items that the weights should be split into. */
const ITEM_ROWS = 128;
const LEAST_ITEMS = 16;

/**
 * Division of a weight gradient into work items. Each adds up the gradient of some rows of the weights and one panel of
 * output channels, over one group of samples. Sums of the groups are added up afterwards, in order. Nothing here depends
 * on the number of threads.
 */
export interface GradientLayout {
  /** Taps along height and width, and numbers that are contiguous in the plane at each tap. */
  readonly taps: readonly [number, number];
  readonly depth: number;
  /** Bytes from one tap to the next. */
  readonly strides: { readonly i: number; readonly j: number };
  /** Rows of the weight tensor. */
  readonly rows: number;
  /** Panels of output channels of a group, and columns of each panel. */
  readonly panelsPerGroup: number;
  readonly panels: number;
  readonly panelColumns: number;
  /** Pieces of the depth, and numbers of each piece. */
  readonly pieces: number;
  readonly pieceDepth: number;
  /** Groups of samples, and samples of each. */
  readonly sampleGroups: number;
  readonly groupSamples: number;
  readonly items: number;
  /** True if work items write the gradient itself. */
  readonly isDirect: boolean;
}

export function gradientLayout(convolution: Convolution, plane: Plane, batch: number): GradientLayout {
  const { size, dilation, groups } = convolution;
  const { inputs, outputs } = groupChannels(convolution);
  let taps: readonly [number, number] = size;
  let depth = inputs;
  const strides = { i: dilation[0] * plane.row, j: dilation[1] * plane.pixel };
  if (taps[1] > 1 && strides.j === depth * 4) {
    depth *= taps[1];
    taps = [taps[0], 1];
  }
  const panelsPerGroup = Math.ceil(outputs / PANEL_COLUMNS);
  const panels = groups * panelsPerGroup;
  const pieces = Math.ceil(depth / ITEM_ROWS);
  const pieceDepth = roundUp(Math.ceil(depth / pieces), 4);
  const sampleGroups = Math.min(batch, Math.ceil(LEAST_ITEMS / (panels * pieces)));
  return {
    taps,
    depth,
    strides,
    rows: size[0] * size[1] * inputs,
    panelsPerGroup,
    panels,
    panelColumns: Math.min(PANEL_COLUMNS, roundUp(outputs, 8)),
    pieces: Math.ceil(depth / pieceDepth),
    pieceDepth,
    sampleGroups,
    groupSamples: Math.ceil(batch / sampleGroups),
    items: sampleGroups * panels * Math.ceil(depth / pieceDepth),
    isDirect: sampleGroups === 1 && groups === 1,
  };
}

/** Bytes of the sums of the groups of samples. */
export const partialBytes = ({ sampleGroups, panels, rows }: GradientLayout): number =>
  sampleGroups * panels * rows * PANEL_ROW;

/** True if the gradient can read errors as they are: all channels of a pixel are one panel. */
export const isPanel = ({ groups, output }: Convolution): boolean =>
  groups === 1 && output.channels <= PANEL_COLUMNS && output.channels % 8 === 0;

/** Shape of packed errors: per sample, for each panel the images, each pixel with the panel's channels. */
export function packedErrorShape(
  { output }: Convolution,
  { panels, panelColumns }: GradientLayout,
  rows: number,
): SignalShape {
  const rowBytes = output.height * output.width * panelColumns * 4;
  return rowsShape(rows, rowBytes, panels * rows * rowBytes);
}
