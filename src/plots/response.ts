import { fields, flag, list, number, optional, signature, text } from "../arguments/index.js";
import { ROW, type TimeRow, timeRows } from "./rows.js";

interface NeuronResponseOptions {
  title: string;
  stepMs?: number;
  input: Omit<TimeRow, "kind">;
  states: readonly Omit<TimeRow, "kind">[];
  output: Omit<TimeRow, "kind"> & { readonly graded?: boolean };
}

const check = signature("neuronResponse", {
  options: fields<NeuronResponseOptions>(
    {
      title: text(),
      stepMs: optional(number({ above: 0 })),
      input: fields<Omit<TimeRow, "kind">>(ROW),
      states: list(fields<Omit<TimeRow, "kind">>(ROW)),
      output: fields<NeuronResponseOptions["output"]>({ ...ROW, graded: optional(flag) }),
    },
    { root: "options" },
  ),
});

/**
 * Response of one neuron to an input: the input as steps, the state variables, and the output (spikes, or a curve for a
 * graded output). Returns an SVG picture, as in the documentation of neurons.
 * @param options.stepMs length of a step, to show the time in milliseconds
 */
export function neuronResponse(options: NeuronResponseOptions): string {
  check([options]);
  const { input, states, output } = options;
  const names = states.map(({ name }) => name).join(", ");
  return timeRows({
    title: options.title,
    description: `${input.name}, ${names} and ${output.name} of one neuron over time.`,
    stepMs: options.stepMs,
    rows: [
      { ...input, kind: "steps" },
      ...states.map((state) => ({ ...state, kind: "line" as const })),
      { ...output, kind: output.graded === true ? "line" : "spikes" },
    ],
  });
}
