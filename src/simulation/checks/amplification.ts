import type { PlasticModel, SimulationModel } from "../model.js";

/**
 * Tells for each population if differences between two executors may grow in it: its spikes return to it over
 * projections, or such a population drives it. In all others a neuron depends on its own past and on spikes that are
 * bit-identical, so its spikes must be identical too.
 */
export function amplifies({ populations, projections, plastic }: SimulationModel): boolean[] {
  // Plastic synapses that write to presynaptic neurons act in both directions.
  const backward = plastic.filter(actsOnPre).map(({ pre, post }) => ({ pre: post, post: pre }));
  const events = plastic.map(({ spikes, post }) => ({ pre: spikes.pre, post }));
  const copies = populations.flatMap(({ drives }, post) =>
    drives.flatMap(({ copied }) => (copied === undefined ? [] : [{ pre: copied.population, post }])),
  );
  // Synapses at an end of others depend on the neurons on both of their sides, and act on them.
  const synapses = plastic.flatMap((model) => {
    const { end, pre, post } = model;
    if (end === undefined) return [];
    const back = actsOnPre(model) ? [{ pre: end, post: pre }] : [];
    return [{ pre, post: end }, { pre: post, post: end }, { pre: end, post }, ...back];
  });
  const acting = [
    ...copies,
    ...synapses,
    ...projections.filter(({ weights }) => !isZero(weights)),
    ...plastic,
    ...events,
    ...backward,
  ];
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

const actsOnPre = ({ sums, pathways, neurons }: PlasticModel): boolean =>
  [...sums, ...neurons.filter(({ symbol }) => pathways.some(({ changes }) => Object.hasOwn(changes, symbol)))].some(
    ({ side }) => side === "pre",
  );

const isZero = (weights: number | Float32Array): boolean =>
  typeof weights === "number" ? weights === 0 : weights.every((weight) => weight === 0);
