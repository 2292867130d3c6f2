import type { Operation, Procedure } from "../../device/contract.js";

type Content = Pick<Procedure, "operations" | "signals">;

/**
 * The content of a procedure without the operations whose results nobody reads if these tensors are not wanted, and
 * without the signals that only they used. What a scan stores and the errors of parameters are left out one by one.
 */
export function neededOperations({ operations, signals }: Content, unwanted: readonly string[]): Content {
  const read = new Set<string>();
  const needed = (name: string): boolean => {
    if (read.has(name)) return true;
    if (!Object.hasOwn(signals, name)) return !unwanted.includes(name);
    return ["result", "kept"].includes(signals[name]!.role);
  };
  const kept: Operation[] = [];
  for (const operation of [...operations].reverse()) {
    const outputs = outputsOf(operation);
    if (!outputs.some(needed)) continue;
    const reduced = withoutUnread(operation, needed);
    kept.push(reduced);
    for (const name of namesIn(reduced)) if (!outputs.includes(name) || operation.op === "update") read.add(name);
  }
  const written = new Set(kept.flatMap(outputsOf));
  return {
    operations: kept.reverse(),
    signals: Object.fromEntries(Object.entries(signals).filter(([name]) => read.has(name) || written.has(name))),
  };
}

/** Names of the signals and tensors that an operation writes. */
function outputsOf(operation: Operation): readonly string[] {
  switch (operation.op) {
    case "loss":
      return [operation.gradient, operation.value];
    case "scan":
      return [operation.to, ...Object.values(operation.store), ...(operation.carry ? [operation.carry] : [])];
    case "adjointScan":
      return [operation.to, ...Object.values(operation.parameterErrors)];
    case "normalize": {
      const { to, statistics, mean, variance, batchMean = to, batchVariance = to } = operation;
      return statistics === "batch" ? [to, mean, variance, batchMean, batchVariance] : [to];
    }
    case "normalizeGradient":
      return [operation.to, operation.gainGradient, operation.shiftGradient];
    case "rescale":
      return [operation.to, operation.size];
    case "update":
      return [operation.weight, ...Object.values(operation.states)];
    default:
      return [operation.to];
  }
}

function withoutUnread(operation: Operation, needed: (name: string) => boolean): Operation {
  const only = (names: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(names).filter(([, name]) => needed(name)));
  if (operation.op === "scan") return { ...operation, store: only(operation.store) };
  if (operation.op === "adjointScan") return { ...operation, parameterErrors: only(operation.parameterErrors) };
  return operation;
}

/** Every text in an operation: a superset of the names of its signals and tensors. Formulas are left out. */
function namesIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (!(value instanceof Object)) return [];
  return Object.entries(value).flatMap(([key, part]) => (KERNELS.includes(key) ? [] : namesIn(part)));
}

/** Fields of operations that hold formulas, which have no names of signals or tensors. */
const KERNELS = ["neuron", "encoder", "loss", "rule", "formula"];
