import { freeSymbols } from "../../equations/language/expression.js";
import { ownValue } from "../../own-value.js";
import type { Current, Loss, Operation, Plan } from "../contract.js";
import {
  checkAdd,
  checkConvolution,
  checkNormalize,
  checkNormalizeGradient,
  checkPool,
  checkPoolGradient,
} from "./check-images.js";
import { checkAdjointScan, checkNeighbors, checkScan } from "./check-scan.js";
import { PlanLookup } from "./plan-lookup.js";

/**
 * Checks a plan before a device compiles it. Every tensor and signal that an operation names exists, has the required
 * shape, kind and rows, and is written before it is read. Every parameter, state, uniform and stored value that a
 * kernel needs is bound. All devices refuse the same plans.
 *
 * Throws an Error that names the procedure, the operation and the fault.
 */
export function checkPlan(plan: Plan): void {
  for (const [name, { rows, columns }] of Object.entries(plan.tensors)) {
    requirePositive(`tensor "${name}"`, { rows, columns });
  }
  for (const [name, { batch, steps, signals, operations }] of Object.entries(plan.procedures)) {
    requirePositive(`procedure "${name}"`, { batch, steps });
    for (const [signal, { width, role, kind, rows }] of Object.entries(signals)) {
      requirePositive(`procedure "${name}", signal "${signal}"`, { width });
      if (role === "input" && kind === "spikes" && rows === "sample") {
        throw new Error(`procedure "${name}", signal "${signal}": an input of spikes has rows steps`);
      }
    }
    const lookup = new PlanLookup(plan, name);
    operations.forEach((operation, index) => {
      lookup.enter(operation, index);
      checkOperation(operation, lookup);
    });
  }
}

function requirePositive(where: string, numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (!Number.isInteger(value) || value < 1) throw new Error(`${where}: ${name} is ${value}; it must be at least 1`);
  }
}

function checkOperation(operation: Operation, lookup: PlanLookup): void {
  switch (operation.op) {
    case "encode": {
      const { encoder } = operation;
      const { width, rows } = lookup.read(operation.from, { kind: "values" });
      if (operation.before !== undefined) {
        if (rows === "sample")
          lookup.fail(`"before" is for a signal of rows steps, but "${operation.from}" is an image`);
        lookup.read(operation.before, { kind: "values", width, rows: "sample", role: "input" });
      }
      lookup.write(operation.to, { kind: encoder.output, width, rows: encoder.static ? rows : "steps" });
      const known = ["x", "x_before", "t", "u", ...Object.keys(encoder.parameters)];
      const unknown = freeSymbols(Object.values(encoder.formulas)).find((name) => !known.includes(name));
      if (unknown !== undefined) lookup.fail(`encoder ${encoder.name} uses "${unknown}", which is not given`);
      if (!Object.hasOwn(encoder.formulas, "value")) lookup.fail(`encoder ${encoder.name} has no formula "value"`);
      return;
    }
    case "current": {
      const { rows } = lookup.read(operation.from);
      checkMap(operation, operation.from, operation.to, lookup);
      const { width } = lookup.write(operation.to, { kind: "values", rows });
      if (operation.bias !== undefined) lookup.unitTensor(operation.bias, width);
      return;
    }
    case "scan":
      checkScan(operation, lookup);
      return;
    case "dropoutMask":
      lookup.write(operation.to, { kind: "values", rows: "sample" });
      if (!(operation.keep > 0 && operation.keep <= 1)) {
        lookup.fail(`keep is ${operation.keep}; give a probability above 0 and at most 1`);
      }
      return;
    case "readout": {
      const { width } = lookup.read(operation.from, { rows: "steps" });
      lookup.write(operation.to, { kind: "values", width, rows: "sample" });
      return;
    }
    case "loss": {
      checkLoss(operation, lookup);
      return;
    }
    case "adjointScan":
      checkAdjointScan(operation, lookup);
      return;
    case "neighbors":
      checkNeighbors(operation, lookup);
      return;
    case "rescale": {
      const { formula, from, reference, size, to } = operation;
      const { width, rows } = lookup.read(from, { kind: "values" });
      const known = ["mean", ...(reference === undefined ? [] : ["reference"])];
      const unknown = freeSymbols([formula]).find((name) => !known.includes(name));
      if (unknown !== undefined) lookup.fail(`the formula uses "${unknown}", which is not given`);
      for (const tensor of [size, ...(reference === undefined ? [] : [reference])]) lookup.tensor(tensor, 1, 1);
      lookup.write(to, { kind: "values", width, rows });
      return;
    }
    case "inputGradient": {
      const { rows } = lookup.read(operation.error, { kind: "values" });
      checkMap(operation, operation.to, operation.error, lookup);
      lookup.write(operation.to, { kind: "values", rows });
      return;
    }
    case "weightGradient": {
      const { from, error, to: weights, convolution, delayed } = operation;
      const { rows } = lookup.read(from, delayed ? { rows: "steps" } : {});
      lookup.read(error, rows === "steps" ? { kind: "values", rows } : { kind: "values" });
      if (convolution !== undefined && delayed) lookup.fail("a convolution is not recurrent; delayed must be false");
      checkMap({ weights, ...(convolution && { convolution }) }, from, error, lookup);
      return;
    }
    case "unitGradient":
      lookup.unitTensor(operation.to, lookup.read(operation.from, { kind: "values" }).width);
      return;
    case "update": {
      const { rule } = operation;
      const { rows, columns } = lookup.tensor(operation.weight);
      lookup.tensor(operation.gradient, rows, columns);
      for (const state of rule.states) {
        const tensor = ownValue(operation.states, state);
        if (tensor === undefined) lookup.fail(`rule ${rule.name} has a state "${state}", which is not bound`);
        else lookup.tensor(tensor, rows, columns);
      }
      for (const uniform of rule.uniforms) {
        if (ownValue(operation.uniforms, uniform) === undefined)
          lookup.fail(`rule ${rule.name} needs the uniform "${uniform}"`);
      }
      if (operation.factor !== undefined) lookup.tensor(operation.factor, 1, columns);
      else if (rule.usesFactor) lookup.fail(`rule ${rule.name} needs a factor`);
      return;
    }
    case "pool":
      checkPool(operation, lookup);
      return;
    case "poolGradient":
      checkPoolGradient(operation, lookup);
      return;
    case "add":
      checkAdd(operation, lookup);
      return;
    case "normalize":
      checkNormalize(operation, lookup);
      return;
    case "normalizeGradient":
      checkNormalizeGradient(operation, lookup);
      return;
    case "reduce": {
      const { columns } = lookup.tensor(operation.from);
      lookup.tensor(operation.to, 1, operation.kind === "squares" ? 1 : columns);
      return;
    }
  }
}

/** Checks that weights map the units of one signal to those of another, densely or by a convolution. */
function checkMap(map: Pick<Current, "weights" | "convolution">, from: string, to: string, lookup: PlanLookup): void {
  const [inputs, outputs] = [lookup.spec(from).width, lookup.spec(to).width];
  if (map.convolution === undefined) lookup.tensor(map.weights, inputs, outputs);
  else {
    const { input, output } = checkConvolution(map.convolution, map.weights, lookup);
    lookup.spec(from, { width: input });
    lookup.spec(to, { width: output });
  }
}

function checkLoss({ loss, divisor, from, target, gradient, value }: Loss, lookup: PlanLookup): void {
  const { rows } = loss;
  const { width } = lookup.read(from, { kind: "values", rows });
  if (loss.target === "none") {
    if (target !== undefined) lookup.fail(`loss ${loss.name} reads no target, but target is "${target}"`);
  } else if (target === undefined) lookup.fail(`loss ${loss.name} reads a target, but none is given`);
  else lookup.read(target, { kind: "values", width, rows: loss.target, role: "input" });
  if (!(divisor > 0 && Number.isFinite(divisor))) lookup.fail(`divisor is ${divisor}; give a number above 0`);
  lookup.write(gradient, { kind: "values", width, rows });
  lookup.write(value, { kind: "values", width: 1, rows: "sample" });
}
