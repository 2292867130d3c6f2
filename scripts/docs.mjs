// Writes the reference pages of docs/ from the definitions themselves: equations, parameters, sources, and a picture of
// every neuron's response. `--check` writes nothing and fails where a page is not what the definitions say.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { bootstrap, root } from "./bootstrap.mjs";

await bootstrap();
const { bioAdamDynamics, encoders, optimizers, stdp, surrogates, synapticScaling, tripletStdp, ...neurons } =
  await import("spikevine");
const { neuronResponse } = await import("spikevine/plots");
const { evaluate } = await import("../dist/src/equations/language/expression.js");

// A step of current that makes each neuron speak, over a time that shows how.
const protocols = [
  ["snu", neurons.snu(), { steps: 40, current: 0.45 }],
  ["ssnu", neurons.ssnu(), { steps: 40, current: 0.45 }],
  ["lif-zero", neurons.lif({ reset: "zero" }), { dt: 1, steps: 150, current: 1.6 }],
  ["lif-subtract", neurons.lif({ reset: "subtract" }), { dt: 1, steps: 150, current: 1.6 }],
  ["lif-soft", neurons.lif({ reset: "soft" }), { dt: 1, steps: 150, current: 1.6 }],
  ["lif-refractory", neurons.lif({ refractory: "10 ms" }), { dt: 1, steps: 150, current: 1.6 }],
  ["li", neurons.li(), { dt: 1, steps: 150, current: 1 }],
  ["relu", neurons.relu(), { steps: 20, current: 1 }],
  ["tanh", neurons.tanh(), { steps: 20, current: 1 }],
  ["linear", neurons.linear(), { steps: 20, current: 1 }],
  ["cuba-lif", neurons.cubaLif(), { dt: 0.1, steps: 2000, current: 300 }],
  ["coba-lif", neurons.cobaLif(), { dt: 0.1, steps: 2000, current: 300 }],
  ["adex", neurons.adex(), { dt: 0.05, steps: 8000, current: 800 }],
  ["izhikevich", neurons.izhikevich(), { dt: 0.1, steps: 4000, current: 10 }],
  ["hodgkin-huxley", neurons.hodgkinHuxley(), { dt: 0.01, steps: 8000, current: 2000 }],
];

/** One neuron, step by step in double precision: silent for a fifth of the time, driven, and silent again. */
function respond(definition, { dt = 1, steps, current }) {
  const kernel = definition.kernel({ dt, numbers: true });
  let from = { ...evaluate(kernel.initial, {}), y: 0 };
  const traces = Object.fromEntries(["input", "y", ...kernel.states].map((name) => [name, new Float64Array(steps)]));
  for (let t = 0; t < steps; t++) {
    const input = t >= steps / 5 && t < (4 * steps) / 5 ? current : 0;
    const now = evaluate(kernel.step, { ...from, input });
    from = evaluate(kernel.carry, { ...now, input });
    traces.input[t] = input;
    traces.y[t] = now.y__now;
    for (const state of kernel.states) traces[state][t] = now[`now__${state}`];
  }
  return traces;
}

/** At most this many points a curve, so that the pictures stay small. */
const POINTS = 1000;

function picture(name, definition, protocol) {
  const traces = respond(definition, protocol);
  const every = Math.ceil(protocol.steps / POINTS);
  const thin = (values) => values.filter((_, t) => t % every === 0);
  // A spike between two points is drawn at the first of them.
  const spikes = thin(traces.y).map((_, i) => Math.max(...traces.y.subarray(i * every, (i + 1) * every)));
  const output = definition.output === "spikes" ? spikes : thin(traces.y);
  const moving = Object.entries(definition.states).filter(([state]) => new Set(traces[state]).size > 1);
  const threshold = definition.parameters.threshold?.value;
  return neuronResponse({
    title: `${name}: response to a step of current`,
    ...(protocol.dt === undefined ? {} : { stepMs: protocol.dt * every }),
    input: { name: definition.input.symbol, unit: definition.input.unit, values: thin(traces.input) },
    states: moving.map(([state, { unit }], i) => ({
      name: state,
      unit,
      values: thin(traces[state]),
      ...(i === 0 && threshold !== undefined ? { threshold } : {}),
    })),
    output: { name: "output y", values: output, graded: definition.output === "values" },
  });
}

const made = "<!-- Made by `npm run docs` from the definitions; change those, not this page. -->";
const page = (title, introduction, sections) => [`# ${title}`, made, introduction, ...sections, ""].join("\n\n");
const files = new Map();

const neuronSections = protocols.map(([name, definition, protocol]) => {
  files.set(`docs/images/neurons/${name}.svg`, picture(name, definition, protocol));
  const heading = definition.describe().replace(/^### .*/, `## ${name}`);
  return `${heading}\n\n![Response of ${name} to a step of current](images/neurons/${name}.svg)`;
});
const surrogateSections = Object.values(surrogates).map((make) => make().describe());
files.set(
  "docs/neurons.md",
  page(
    "Neurons and surrogates",
    "Every neuron with its equations, parameters, source and response to a step of current.",
    [
      ...neuronSections,
      "## Surrogates",
      "What stands in for the derivative of the spike in the backward pass.",
      ...surrogateSections,
    ],
  ),
);
files.set(
  "docs/encoders.md",
  page(
    "Encoders",
    "How a value x becomes spikes or a current at step t; u is uniform in [0, 1), fresh for every sample, step and unit.",
    Object.values(encoders).map((make) => make().describe()),
  ),
);
files.set(
  "docs/plasticity.md",
  page(
    "Plasticity",
    "Optimizers act once an update on every synapse; synapses below them live in continuous time. GRAPES and weight decay stand in front of any optimizer: `[grapes(), weightDecay(1e-4), sgd()]`.",
    [
      ...Object.values(optimizers).map((rule) => rule.describe()),
      "## In front of optimizers",
      "`grapes()` multiplies errors by the importance of units: [GRAPES and ways of assigning credit](grapes.md). Noise and quantized weights: [Constraints of hardware](hardware.md).",
      "Order of an update: the gradient is clipped; a modulation acts, wherever it stands in the chain, because it acts on errors, of which gradients are made; gradient transforms act in the order written; then the rule. With `[grapes(), weightDecay(d), sgd()]` a weight becomes `weight - learningRate * (factor * gradient + d * weight)`.",
      "`weightDecay(d)` replaces the gradient of weights and recurrent weights by `gradient + d * weight`. Biases, thresholds and other parameters of neurons do not decay. The decay is coupled: the rule sees the sum, so that `adam` divides the decay by the root of the mean square as well, as PyTorch's `Adam(weight_decay=d)` does and its `AdamW` does not.",
      "## Where PyTorch differs",
      "- `rmsprop` has the memory 0.9 of the lecture; PyTorch's `alpha` is 0.99.\n- PyTorch's `weight_decay` acts on every trained array; `weightDecay` on matrices of weights only.\n- `momentum` keeps `velocity = momentum * velocity + gradient`, as PyTorch with `dampening=0`.\n- Where no learning rate is given, a rule measures the weights of a layer in units that its neuron needs: [Defaults](defaults.md). A learning rate that is given is taken as it is.",
      "## Synapses in continuous time",
      ...[stdp(), tripletStdp(), synapticScaling(), bioAdamDynamics()].map((synapse) => synapse.describe()),
    ],
  ),
);

const check = process.argv.includes("--check");
const stale = [];
for (const [path, content] of files) {
  const file = join(root, path);
  // The last digits of a curve may differ between versions of Node; a picture that is there will do for the check.
  const sameIfThere = check && path.endsWith(".svg");
  if (existsSync(file) && (sameIfThere || readFileSync(file, "utf8") === content)) continue;
  stale.push(path);
  if (check) continue;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
if (check && stale.length > 0) {
  console.error(`These pages are not what the definitions say: ${stale.join(", ")}. Run "npm run docs".`);
  process.exitCode = 1;
} else {
  console.log(stale.length === 0 ? "The pages are up to date." : `Wrote ${stale.join(", ")}.`);
}
