type Numbers = Float32Array | Float64Array | Uint16Array | Uint32Array;

/**
 * Fills a typed array with a function of the values of another, which may be as large as memory: `from` of the language makes
 * a list first, and engines end beyond 2^27 of its members.
 */
export function filled<A extends Numbers>(to: A, from: ArrayLike<number>, value: (given: number) => number): A {
  for (let i = 0; i < to.length; i++) to[i] = value(from[i]!);
  return to;
}
