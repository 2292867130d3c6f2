import type { Plan, TensorSpec } from "#spikevine/src/device/contract";
import type { OptimizerKernel } from "#spikevine/src/equations/kernels/kernels";

/** A plan whose procedure "update" is one update of weights "w" by gradient "g"; states and uniforms keep their names. */
export function rulePlan(rule: OptimizerKernel, shape: TensorSpec): Plan {
  const named = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, name]));
  const states = named(rule.states);
  const uniforms = named(rule.uniforms);
  return {
    tensors: Object.fromEntries(["w", "g", ...rule.states].map((tensor) => [tensor, shape])),
    procedures: {
      update: {
        batch: 1,
        steps: 1,
        signals: {},
        operations: [{ op: "update", rule, weight: "w", gradient: "g", states, uniforms }],
      },
    },
  };
}
