import { stepAdvice } from "../src/equations/analysis/step-advice.js";
import { exponentialEuler } from "../src/equations/integrators/index.js";
import { SpikevineError } from "../src/errors.js";
import { type Graph, neuronsOf } from "./graph.js";

/** Layers of neurons with their step, and the values that their parameters have now. */
interface SteppedLayers extends Graph {
  /** Length of a step, ms. */
  readonly dt: number;
  /** By layer and parameter: one value per layer, channel or unit. */
  readonly parameters: ReadonlyMap<string, { readonly data: Float32Array; readonly columns: number }>;
}

/**
 * Refuses a step that is too long for the scheme of a layer's linear equations with the current values of its trained
 * parameters. If these differ between units, the units with the smallest and the largest values are checked.
 * @throws
 * SpikevineError naming the layer, the step and the longest stable step.
 */
export function checkSteps({ nodes, dt, parameters }: SteppedLayers): void {
  for (const { name, neuron, trainable } of neuronsOf({ nodes })) {
    const trained = Object.keys(trainable).filter((parameter) => trainable[parameter] !== "fixed");
    const current = (parameter: string, unit: number): number => {
      const { data, columns } = parameters.get(`${name}.${parameter}`)!;
      return data[unit % columns]!;
    };
    const units = new Set([0]);
    for (const parameter of trained) {
      const { data, columns } = parameters.get(`${name}.${parameter}`)!;
      if (columns > 1)
        for (const extreme of [Math.min, Math.max]) units.add(data.indexOf(data.reduce((a, b) => extreme(a, b))));
    }
    for (const unit of units) {
      const values = Object.fromEntries(trained.map((parameter) => [parameter, current(parameter, unit)]));
      const [unstable] = neuron.instabilities({ dt, parameters: values });
      if (unstable === undefined || unstable.varies.length > 0) continue;
      const of = `neurons/${neuron.name} (${name}${units.size > 1 ? `, unit ${unit}` : ""})`;
      // Schemes that need numeric parameters cannot be trained, so the advice is a scheme that always can.
      const names = { field: "network: dt", of, dt, ...(trained.length > 0 ? { schemes: [exponentialEuler] } : {}) };
      throw new SpikevineError(stepAdvice(unstable, neuron, names));
    }
  }
}
