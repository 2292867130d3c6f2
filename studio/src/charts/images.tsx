import { useMemo } from "preact/hooks";
import { Canvas } from "./canvas.js";
import type { Palette } from "./colors.js";

export interface ImagesProps {
  readonly label: string;
  /** Columns of a matrix `[height * width, columns]`, one image each. */
  readonly values: Float32Array;
  readonly columns: number;
  readonly shape: readonly [height: number, width: number];
  /** Largest number of images. */
  readonly most?: number;
  /** Smallest size of an image on the screen. */
  readonly size?: number;
}

const GAP = 4;

/** Images of signed values: one hue above zero, another below, none at zero. */
export function Images({ label, values, columns, shape, most = 64, size = 56 }: ImagesProps) {
  const count = Math.min(columns, most);
  const draw = useMemo(
    () =>
      (context: CanvasRenderingContext2D, { width }: { width: number }, colors: Palette) => {
        const { across, side } = grid(width, count, size);
        context.imageSmoothingEnabled = false;
        for (let column = 0; column < count; column++) {
          const x = (column % across) * (side + GAP);
          const y = Math.floor(column / across) * (side + GAP);
          context.drawImage(imageOf(values, column, columns, shape, colors), x, y, side, side);
        }
      },
    [values, columns, count, shape, size],
  );
  const heightOf = (width: number): number => {
    const { across, side } = grid(width, count, size);
    return Math.ceil(count / across) * (side + GAP) - GAP;
  };
  return <Canvas label={label} height={heightOf} draw={draw} />;
}

/** Images fill the rows; a few images are not stretched beyond twice their size. */
function grid(width: number, count: number, size: number): { across: number; side: number } {
  const across = Math.max(1, Math.min(count, Math.floor((width + GAP) / (size + GAP))));
  return { across, side: Math.min(2 * size, (width + GAP) / across - GAP) };
}

function imageOf(
  values: Float32Array,
  column: number,
  columns: number,
  [height, width]: readonly [number, number],
  { positive, negative, zero }: Palette,
): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d")!;
  const image = context.createImageData(width, height);
  let largest = 0;
  for (let i = 0; i < height * width; i++) largest = Math.max(largest, Math.abs(values[i * columns + column]!));
  for (let i = 0; i < height * width; i++) {
    const share = largest === 0 ? 0 : values[i * columns + column]! / largest;
    const end = share > 0 ? positive : negative;
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = zero[c]! + (end[c]! - zero[c]!) * Math.abs(share);
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
