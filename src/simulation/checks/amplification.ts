import type { SimulationModel } from "../model.js";

/**
 * Tells for each population if differences between two executors may grow in it: its spikes return to it over
 * projections, or such a population drives it. In all others a neuron depends on its own past and on spikes that are
 * bit-identical, so its spikes must be identical too.
 */
export function amplifies({ populations, projections, plastic }: SimulationModel): boolean[] {
  const acting = [...projections.filter(({ weights }) => !isZero(weights)), ...plastic];
  const posts = populations.map((_, p) => acting.filter(({ pre }) => pre === p).map(({ post }) => post));
  const reached = posts.map((next) => {
    const seen = new Set(next);
    // Iteration over a set includes elements added on the way.
    for (const p of seen) for (const post of posts[p]!) seen.add(post);
    return seen;
  });
  const inLoop = reached.map((seen, p) => seen.has(p));
  return populations.map((_, p) => inLoop[p]! || reached.some((seen, from) => inLoop[from]! && seen.has(p)));
}

const isZero = (weights: number | Float32Array): boolean =>
  typeof weights === "number" ? weights === 0 : weights.every((weight) => weight === 0);
