type Numbers = Uint32Array | Float64Array;

/** A typed array that grows at its end, doubling its memory when it is full. */
export class GrowingArray<A extends Numbers> {
  readonly #type: new (
    length: number,
  ) => A;
  #values: A;
  length = 0;

  constructor(type: new (length: number) => A) {
    this.#type = type;
    this.#values = new type(256);
  }

  /** Makes the array at least this long; new values are 0. */
  grow(length: number): void {
    if (length > this.#values.length) {
      const larger = new this.#type(Math.max(length, this.#values.length * 2));
      larger.set(this.#values.subarray(0, this.length));
      this.#values = larger;
    }
    this.length = Math.max(this.length, length);
  }

  append(values: ArrayLike<number>): void {
    const at = this.length;
    this.grow(at + values.length);
    this.#values.set(values, at);
  }

  /** The values so far, as a view that is valid until the next growth. */
  values(): A {
    return this.#values.subarray(0, this.length) as A;
  }

  clear(): void {
    this.#values.fill(0);
    this.length = 0;
  }
}
