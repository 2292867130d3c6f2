import { SpikevineError } from "../../errors.js";
import type { Operation, Plan, Procedure } from "../contract.js";

/** What a plan may ask of a device beyond dense layers. */
export type Feature =
  | "convolution"
  | "pool"
  | "poolGradient"
  | "add"
  | "normalize"
  | "normalizeGradient"
  | "values per channel"
  | "weightGradient of one row per sample";

/** The features that a plan asks for. */
export function featuresOf(plan: Plan): ReadonlySet<Feature> {
  const features = new Set<Feature>();
  for (const procedure of Object.values(plan.procedures)) {
    for (const operation of procedure.operations) {
      for (const feature of featuresOfOperation(operation, plan, procedure)) features.add(feature);
    }
  }
  return features;
}

/**
 * Refuses a plan that asks for a feature which a device lacks.
 * @throws SpikevineError that names the features.
 */
export function refuseNotImplemented(plan: Plan, device: string, lacking: readonly Feature[]): void {
  const features = featuresOf(plan);
  const asked = lacking.filter((feature) => features.has(feature));
  if (asked.length === 0) return;
  throw new SpikevineError(
    `device ${device}: ${asked.join(", ")} has no implementation on it; use the device reference.`,
  );
}

function featuresOfOperation(operation: Operation, plan: Plan, procedure: Procedure): Feature[] {
  const width = (signal: string): number => procedure.signals[signal]!.width;
  const perChannel = (tensor: string | undefined, usual: readonly number[]): Feature[] =>
    tensor === undefined || usual.includes(plan.tensors[tensor]!.columns) ? [] : ["values per channel"];
  switch (operation.op) {
    case "pool":
    case "poolGradient":
    case "add":
    case "normalize":
    case "normalizeGradient":
      return [operation.op];
    case "current":
      if (operation.convolution !== undefined) return ["convolution"];
      return perChannel(operation.bias, [width(operation.to)]);
    case "inputGradient":
      return operation.convolution === undefined ? [] : ["convolution"];
    case "weightGradient":
      if (operation.convolution !== undefined) return ["convolution"];
      return procedure.signals[operation.error]!.rows === "sample" ? ["weightGradient of one row per sample"] : [];
    case "unitGradient":
      return perChannel(operation.to, [1, width(operation.from)]);
    case "scan":
    case "adjointScan": {
      const units = width(operation.to);
      const bindings = Object.values(operation.parameters).filter((binding) => typeof binding !== "number");
      return [
        ...bindings.flatMap(({ tensor }) => perChannel(tensor, [1, units])),
        ...(operation.op === "adjointScan" ? perChannel(operation.factor, [units]) : []),
      ];
    }
    default:
      return [];
  }
}
