import type { SimulationModel } from "../model.js";

/**
 * Whether differences between the numbers of two executors may grow in each population: spikes of its neurons come back
 * to it over projections, or it is driven by such a population. In all others a neuron depends on its own past and on spikes
 * that are the same to the last step, so its spikes have to be the same too.
 */
export function amplifies({ populations, projections, plastic }: SimulationModel): boolean[] {
  const acting = [...projections.filter(({ weights }) => !isZero(weights)), ...plastic];
  const posts = populations.map((_, p) => acting.filter(({ pre }) => pre === p).map(({ post }) => post));
  const reached = posts.map((next) => {
    const seen = new Set(next);
    // A set that grows while it is walked is walked to its end.
    for (const p of seen) for (const post of posts[p]!) seen.add(post);
    return seen;
  });
  const inLoop = reached.map((seen, p) => seen.has(p));
  return populations.map((_, p) => inLoop[p]! || reached.some((seen, from) => inLoop[from]! && seen.has(p)));
}

const isZero = (weights: number | Float32Array): boolean =>
  typeof weights === "number" ? weights === 0 : weights.every((weight) => weight === 0);
