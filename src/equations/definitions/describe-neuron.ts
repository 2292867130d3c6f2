import { describeScheme } from "./describe-scheme.js";
import type { NeuronDefinition } from "./neuron-definition.js";
import type { NeuronSpec } from "./neuron-spec.js";
import { describeFunction } from "./own-functions.js";
import { describeParameters, type Parameters } from "./parameters.js";
import type { SurrogateDefinition } from "./surrogate.js";

/** Markdown: equations, states, parameters with units, source. */
export function describeNeuron(
  spec: NeuronSpec,
  parameters: Parameters,
  surrogate: SurrogateDefinition | undefined,
  { integrator, schemes }: NeuronDefinition,
): string {
  const input = spec.input?.symbol ?? "I";
  const equations = [
    ...Object.entries(spec.functions ?? {}).map(([head, given]) => describeFunction(head, given)),
    ...Object.entries(spec.derived ?? {}).map(
      ([name, given]) => `${name} = ${typeof given === "string" ? given : given.equation}`,
    ),
    ...Object.entries(spec.update ?? {}).map(([state, text]) => `${state} = ${text}`),
    ...Object.entries(spec.dynamics ?? {}).map(([state, text]) => `d${state}/dt = ${text}`),
    spec.spike === undefined ? `y = ${spec.output}` : `y = 1 where ${spec.spike} > 0, else 0`,
    ...Object.entries(spec.reset ?? {}).map(([state, text]) => `after the step: ${state} = ${text}`),
    ...Object.entries(spec.events ?? {}).flatMap(([event, { when, changes = {} }]) => [
      `${event}: where ${when}`,
      ...Object.entries(changes).map(([state, text]) => `at ${event}: ${state} = ${text}`),
    ]),
    ...(spec.refractory === undefined ? [] : [`refractory: ${spec.refractory}`]),
    ...(spec.unlessRefractory === undefined ? [] : [`constant while refractory: ${spec.unlessRefractory.join(", ")}`]),
  ];
  const states = Object.entries(spec.states ?? {}).map(
    ([state, { unit, initial = 0, summary }]) =>
      `- \`${state}\` (${unit === undefined ? "" : `in ${unit}, `}from ${initial})${summary === undefined ? "" : `: ${summary}`}`,
  );
  return [
    `### ${spec.name}`,
    spec.summary ?? "",
    ["```", ...equations, "```"].join("\n"),
    [
      ...states,
      ...Object.entries({ [input]: spec.input ?? {}, ...spec.inputs }).map(
        ([name, { unit }]) => `- \`${name}\` (${unit === undefined ? "no unit" : `in ${unit}`}): input current`,
      ),
    ].join("\n"),
    spec.dynamics === undefined ? "" : describeScheme(integrator, schemes),
    surrogate === undefined ? "" : `Surrogate: ${surrogate.name}.`,
    describeParameters(parameters),
    spec.source === undefined ? "" : `Source: ${spec.source}`,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}
