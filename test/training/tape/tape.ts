/** A number that a tape has computed, by its index on the tape. */
export interface Value {
  readonly at: number;
  readonly value: number;
}

/**
 * Reverse-mode differentiation of numbers in double precision. It shares no code with the package, so that gradients
 * can be compared with the papers' equations.
 *
 * A relu has the slope 0 at 0. If an argument is closer to a corner or a threshold than single precision can resolve,
 * but not exactly on it, `margin` is that distance: an exact 0 is 0 on every device, and has one right slope.
 */
export class Tape {
  margin = Number.POSITIVE_INFINITY;
  readonly #slopes: (readonly (readonly [operand: number, slope: number])[])[] = [];

  /** A number that gradients may be asked for. */
  leaf(value: number): Value {
    return this.#add(value, []);
  }

  /** The same number, without a gradient. */
  cut({ value }: Value): Value {
    return this.leaf(value);
  }

  add(a: Value, b: Value): Value {
    return this.#add(a.value + b.value, [
      [a.at, 1],
      [b.at, 1],
    ]);
  }

  subtract(a: Value, b: Value): Value {
    return this.#add(a.value - b.value, [
      [a.at, 1],
      [b.at, -1],
    ]);
  }

  multiply(a: Value, b: Value): Value {
    return this.#add(a.value * b.value, [
      [a.at, b.value],
      [b.at, a.value],
    ]);
  }

  divide(a: Value, b: Value): Value {
    return this.#add(a.value / b.value, [
      [a.at, 1 / b.value],
      [b.at, -a.value / b.value ** 2],
    ]);
  }

  scale(a: Value, factor: number): Value {
    return this.#add(a.value * factor, [[a.at, factor]]);
  }

  /** 1 - a */
  rest(a: Value): Value {
    return this.#add(1 - a.value, [[a.at, -1]]);
  }

  exp(a: Value): Value {
    const value = Math.exp(a.value);
    return this.#add(value, [[a.at, value]]);
  }

  sqrt(a: Value): Value {
    const value = Math.sqrt(a.value);
    return this.#add(value, [[a.at, 1 / (2 * value)]]);
  }

  /** The same number; the gradient that it hands on is multiplied. */
  amplify(a: Value, factor: number): Value {
    return this.#add(a.value, [[a.at, factor]]);
  }

  log(a: Value): Value {
    return this.#add(Math.log(a.value), [[a.at, 1 / a.value]]);
  }

  tanh(a: Value): Value {
    const value = Math.tanh(a.value);
    return this.#add(value, [[a.at, 1 - value ** 2]]);
  }

  sigmoid(a: Value): Value {
    const value = 1 / (1 + Math.exp(-a.value));
    return this.#add(value, [[a.at, value * (1 - value)]]);
  }

  /** a above 0, else `leak` times a. */
  relu(a: Value, leak = 0): Value {
    this.near(a.value);
    const slope = a.value > 0 ? 1 : leak;
    return this.#add(slope * a.value, [[a.at, slope]]);
  }

  /** A recorded spike, with its surrogate slope at z. */
  spike(z: Value, fired: number, slope: number): Value {
    this.near(z.value);
    return this.#add(fired, [[z.at, slope]]);
  }

  /** Notes the distance of a number from a corner. */
  near(distance: number): void {
    if (distance !== 0) this.margin = Math.min(this.margin, Math.abs(distance));
  }

  /** d(sum of `seeds` times the results)/d of everything on the tape. */
  gradients(seeds: readonly (readonly [Value, number])[]): Float64Array {
    const gradients = new Float64Array(this.#slopes.length);
    for (const [{ at }, seed] of seeds) gradients[at] = gradients[at]! + seed;
    for (let at = this.#slopes.length - 1; at >= 0; at--) {
      const gradient = gradients[at]!;
      if (gradient === 0) continue;
      for (const [operand, slope] of this.#slopes[at]!) {
        if (slope !== 0) gradients[operand] = gradients[operand]! + gradient * slope;
      }
    }
    return gradients;
  }

  #add(value: number, slopes: readonly (readonly [number, number])[]): Value {
    return { at: this.#slopes.push(slopes) - 1, value };
  }
}
