import { chooseByConditions } from "../../../equations/analysis/differentiate.js";
import type { Update } from "../../contract.js";
import type { CompileContext, CompiledOperation } from "../program/compile-context.js";
import { emitKernel } from "../source/emit.js";

/**
 * The update of an optimizer: one kernel for the weight and one per state. The uniforms are arguments, because they
 * change from run to run.
 */
export function compileUpdate(operation: Update, context: CompileContext): CompiledOperation {
  const { rule } = operation;
  const { rows, columns } = context.tensor(operation.weight);
  const tensors = [operation.weight, ...rule.states.map((state) => operation.states[state]!)];
  const names = ["weight", ...rule.states];
  // Names of states and uniforms are the author's own; in the kernel they are numbered.
  const symbols = Object.fromEntries([
    ...names.map((name, index) => [name, `own${index}[0][b][n]`]),
    ...rule.uniforms.map((name, index) => [name, `uniform${index}`]),
    ["gradient", "slope[0][b][n]"],
    ["factor", operation.factor === undefined ? 1 : "factor[0][0][n]"],
  ]);
  const launches = names.map((name, index) => {
    const { statements, results } = emitKernel(chooseByConditions({ [name]: rule.formulas[name]! }), symbols, "e");
    return context.kernels.make({
      name: `${rule.name} ${tensors[index]}`,
      arguments: [
        ...names.map((_, own) => `own${own}`),
        "slope",
        "factor",
        ...rule.uniforms.map((_, uniform) => `uniform${uniform}`),
      ],
      body: `${statements}\nlet value = 0;\nvalue = ${results[name]};\nreturn value;`,
      output: [columns, rows, 1],
    });
  });
  return async (memory) => {
    const given = [
      ...(await Promise.all(tensors.map((tensor) => memory.tensor(tensor)))),
      await memory.tensor(operation.gradient),
      operation.factor === undefined ? 0 : await memory.tensor(operation.factor),
      ...rule.uniforms.map((uniform) => memory.run.scalars[operation.uniforms[uniform]!]!),
    ];
    const changed = [];
    for (const launch of launches) changed.push(await launch(...given));
    for (const [index, tensor] of tensors.entries()) memory.writeTensor(tensor, changed[index]!);
  };
}
