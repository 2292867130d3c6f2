/**
 * Two suites share the test files. `npm test` tries every case at least once. `npm run test:exhaustive` sets
 * SPIKEVINE_EXHAUSTIVE and runs the files that import this one, with every case on every device and more random networks.
 */
export const exhaustive = process.env.SPIKEVINE_EXHAUSTIVE === "1";

/**
 * Every element in the exhaustive suite, else every `parts`-th one. All `part`s together are the whole list; the first element
 * moves on from group to group, so that alternating kinds of elements reach every part.
 */
export const onePart = <T>(all: readonly T[], part: number, parts: number): readonly T[] =>
  exhaustive ? all : all.filter((_, index) => (index + Math.floor(index / parts)) % parts === part);
