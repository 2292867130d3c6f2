import { drawUniform, type RowKey } from "../../random/counter.js";
import { SPLINE_DEVIATION, splineWeight } from "../spline.js";
import type { ElasticAugmentation } from "./augmentation.js";

/** Mean over the positions in a cell of the sum of the squared weights: the integral of the squared cubic B-spline. */
const MEAN_SQUARED_WEIGHTS = 151 / 315;

/**
 * A displacement field over an image. The papers draw a displacement for every pixel, uniform in [-1, 1], smooth it with a
 * Gaussian and multiply it by alpha. Here displacements are drawn on the points of a coarse grid, whose offset is random for
 * every image, and interpolated by cubic B-splines as wide as that Gaussian. This has the same standard deviation and
 * nearly the same correlation between pixels (within 0.025 of `exp(-r^2 / (4 sigma^2))`), for a fraction of the work.
 */
export class ElasticField {
  /** Displacements along x and along y, pixels, `[height, width]` each. */
  readonly dx: Float64Array;
  readonly dy: Float64Array;
  readonly #width: number;
  readonly #height: number;
  readonly #spacing: number;
  /** Largest displacement of a grid point. */
  readonly #reach: number;
  readonly #columns: number;
  readonly #rows: number;
  readonly #points: Float64Array;
  /** Grid rows, each interpolated along x. */
  readonly #joined: Float64Array;
  readonly #weights = new Float64Array(4);

  constructor({ sigma, alpha }: ElasticAugmentation, width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.dx = new Float64Array(width * height);
    this.dy = new Float64Array(width * height);
    this.#spacing = sigma / SPLINE_DEVIATION;
    // A uniform draw up to r has the standard deviation r / sqrt(3).
    this.#reach = (Math.sqrt(3) * alpha) / (sigma * Math.sqrt(12 * Math.PI)) / MEAN_SQUARED_WEIGHTS;
    this.#columns = Math.ceil(width / this.#spacing) + 4;
    this.#rows = Math.ceil(height / this.#spacing) + 4;
    this.#points = new Float64Array(this.#columns * this.#rows);
    this.#joined = new Float64Array(width * this.#rows);
  }

  /** Draws the field of one image. */
  draw(key: RowKey): void {
    const [phaseX, phaseY] = [drawUniform(key, 0), drawUniform(key, 1)];
    const first = 2;
    this.#drawAxis(this.dx, key, first, phaseX, phaseY);
    this.#drawAxis(this.dy, key, first + this.#points.length, phaseX, phaseY);
  }

  #drawAxis(field: Float64Array, key: RowKey, first: number, phaseX: number, phaseY: number): void {
    const [points, joined, weights] = [this.#points, this.#joined, this.#weights];
    const [width, height, columns, rows, spacing] = [
      this.#width,
      this.#height,
      this.#columns,
      this.#rows,
      this.#spacing,
    ];
    for (let i = 0; i < points.length; i++) points[i] = this.#reach * (2 * drawUniform(key, first + i) - 1);
    for (let x = 0; x < width; x++) {
      const cell = weigh(weights, x / spacing + phaseX);
      for (let row = 0; row < rows; row++) {
        const at = row * columns + cell;
        joined[row * width + x] =
          weights[0]! * points[at]! +
          weights[1]! * points[at + 1]! +
          weights[2]! * points[at + 2]! +
          weights[3]! * points[at + 3]!;
      }
    }
    for (let y = 0; y < height; y++) {
      const from = weigh(weights, y / spacing + phaseY) * width;
      for (let x = 0; x < width; x++) {
        const at = from + x;
        field[y * width + x] =
          weights[0]! * joined[at]! +
          weights[1]! * joined[at + width]! +
          weights[2]! * joined[at + 2 * width]! +
          weights[3]! * joined[at + 3 * width]!;
      }
    }
  }
}

/** Fills in the weights of the four grid points around a position and returns the first grid point. */
function weigh(weights: Float64Array, place: number): number {
  const cell = Math.floor(place);
  for (let k = 0; k < 4; k++) weights[k] = splineWeight(k, place - cell);
  return cell;
}
