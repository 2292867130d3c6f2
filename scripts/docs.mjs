// Writes the reference pages of docs/ from the definitions themselves: equations, parameters, sources, and a picture of
// every neuron's response; runs the examples in pages and the run of README.md, and renews their code, output and figures.
// `--check` compares the reference pages only (the site's tests compare the rest), writes nothing and fails if a page differs
// from the definitions.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { bootstrap, root } from "./bootstrap.mjs";
import { renewExamples } from "./page-examples.mjs";
import { renewReadme } from "./readme-run.mjs";

await bootstrap();
const { bioAdamDynamics, encoders, optimizers, stdp, surrogates, synapticScaling, tripletStdp, ...neurons } =
  await import("spikevine");
const { neuronResponse } = await import("spikevine/plots");
const { evaluate } = await import("../dist/src/equations/language/expression.js");

// A step of current to which each neuron responds visibly, and the duration of the plot.
const protocols = [
  ["snu", neurons.snu(), { steps: 40, current: 0.45 }],
  ["ssnu", neurons.ssnu(), { steps: 40, current: 0.45 }],
  ["lif-zero", neurons.lif({ reset: "zero" }), { dt: 1, steps: 150, current: 1.6 }],
  ["lif-subtract", neurons.lif({ reset: "subtract" }), { dt: 1, steps: 150, current: 1.6 }],
  ["lif-soft", neurons.lif({ reset: "soft" }), { dt: 1, steps: 150, current: 1.6 }],
  ["lif-refractory", neurons.lif({ refractory: "10 ms" }), { dt: 1, steps: 150, current: 1.6 }],
  ["leaky", neurons.leaky(), { steps: 60, current: 0.2 }],
  ["synaptic", neurons.synaptic(), { steps: 60, current: 0.05 }],
  ["alpha", neurons.alpha(), { steps: 60, current: 0.6 }],
  ["rLeaky", neurons.rLeaky(), { steps: 60, current: 0.2 }],
  ["alif", neurons.alif(), { dt: 1, steps: 150, current: 0.15 }],
  ["integrator", neurons.integrator(), { steps: 60, current: 0.15 }],
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

/** Simulates one neuron in double precision: without input for a fifth of the time, driven, and again without input. */
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

/** At most this many points per curve, so that the pictures stay small. */
const POINTS = 1000;

function picture(name, definition, protocol) {
  const traces = respond(definition, protocol);
  const every = Math.ceil(protocol.steps / POINTS);
  const thin = (values) => values.filter((_, t) => t % every === 0);
  // A spike between two points is drawn at the first point.
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

const made = "<!-- Written by `npm run docs` from the definitions. Edit the definitions, not this page. -->";
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
      "## Neurons of other libraries",
      [
        "| there | here |",
        "| --- | --- |",
        "| snnTorch `Leaky(beta, threshold, reset_mechanism)` | `leaky({ beta, threshold, reset })` |",
        "| snnTorch `Synaptic(alpha, beta)` | `synaptic({ alpha, beta })` |",
        "| snnTorch `Alpha(alpha, beta)` | `alpha({ alpha, beta })` |",
        "| snnTorch `RLeaky(beta, V, all_to_all=False)` | `rLeaky({ beta, V })` |",
        "| snnTorch `RLeaky(beta, linear_features=n)` | `dense(n, rLeaky({ beta, allToAll: true }), { recurrent: true })` |",
        '| snnTorch `learn_beta=True`, `learn_threshold=True` | `dense(n, leaky(), { trainable: { beta: "layer", threshold: "layer" } })` |',
        '| snnTorch `mem` of the last step | `lastState("v")` |',
        "| snnTorch `surrogate.atan(alpha=2)`, `fast_sigmoid(slope=25)` | `arctan()`, `fastSigmoid({ slope: 25 })` |",
        '| SpikingJelly `IFNode(v_threshold, v_reset, detach_reset)` | `integrator({ threshold, rest, detachReset })`; `v_reset=None` is `reset: "subtract"` |',
      ].join("\n"),
      "The numbers are the same if the weights are: snnTorch 0.9.4 with its default `reset_delay=True`, SpikingJelly 0.0.0.14. A trained decay is kept in [0, 1] here; snnTorch clips it where it is used. snnTorch's `inhibition`, `state_quant` and `graded_spikes_factor` have no counterpart.",
      "## Resets without gradient",
      "With `detachReset: true` derivatives do not pass through the reset, as if its spike were a constant. This is the default of snnTorch's neurons and an option of `snu`, `ssnu`, `lif`, `alif` and `integrator`. In the equations of your own neuron, write `detach(y)` where `y` stands in an update, a dynamics or a reset: the same number, through which no derivative passes.",
      "## Surrogates",
      "A surrogate replaces the derivative of the spike in the backward pass.",
      ...surrogateSections,
    ],
  ),
);
files.set(
  "docs/encoders.md",
  page(
    "Encoders",
    "An encoder turns a value x into spikes or a current at step t. x_before is the value at the step before, 0 at step 0 ([Data in time](data-in-time.md)). u is uniform in [0, 1) and drawn for every sample, step and unit.",
    Object.values(encoders).map((make) => make().describe()),
  ),
);
files.set(
  "docs/plasticity.md",
  page(
    "Plasticity",
    "Optimizers change every synapse once per update. The synapses below them change in continuous time. GRAPES and weight decay precede the optimizer in a chain: `[grapes(), weightDecay(1e-4), sgd()]`.",
    [
      ...Object.values(optimizers).map((rule) => rule.describe()),
      "## Gradient transforms",
      "`grapes()` multiplies errors by the importance of units: [GRAPES and credit assignment](grapes.md). Noise and quantized weights: [Hardware constraints](hardware.md).",
      "An update applies, in this order: gradient clipping, the modulation, the gradient transforms in the order of the chain, and the optimizer. The position of the modulation in the chain has no effect, because it multiplies errors, from which gradients are computed. With `[grapes(), weightDecay(d), sgd()]` a weight becomes `weight - learningRate * (factor * gradient + d * weight)`.",
      "`weightDecay(d)` replaces the gradient of weights and recurrent weights by `gradient + d * weight`. Biases, thresholds and other parameters of neurons do not decay. The decay is coupled: the optimizer receives the sum. `adam` therefore divides the decay by the root of the mean square as well, like PyTorch's `Adam(weight_decay=d)`. The decay of `adamW` is decoupled, like that of PyTorch's `AdamW`; its bias correction is always on.",
      "## Differences to PyTorch",
      "- The `decay` of `rmsprop` is 0.9, as in the lecture; PyTorch's `alpha` is 0.99.\n- PyTorch's `weight_decay` acts on every trained array; `weightDecay` and `adamW` act on weight matrices only, unless `weightDecays` names other arrays ([Training options](training.md)).\n- `momentum` keeps `velocity = momentum * velocity + gradient`, like PyTorch with `dampening=0`.\n- Without an explicit learning rate, an optimizer measures the weights of a layer in units that depend on its neuron: [Defaults](defaults.md). An explicit learning rate is used unchanged.",
      "## Synapses in continuous time",
      ...[stdp(), tripletStdp(), synapticScaling(), bioAdamDynamics()].map((synapse) => synapse.describe()),
    ],
  ),
);

const check = process.argv.includes("--check");
const stale = [];
for (const [path, content] of files) {
  const file = join(root, path);
  // The last digits of a curve may differ between versions of Node, so the check only requires that a picture exists.
  const sameIfThere = check && path.endsWith(".svg");
  if (existsSync(file) && (sameIfThere || readFileSync(file, "utf8") === content)) continue;
  stale.push(path);
  if (check) continue;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
if (check && stale.length > 0) {
  console.error(`These pages differ from the definitions: ${stale.join(", ")}. Run "npm run docs".`);
  process.exitCode = 1;
} else {
  const renewed = check ? [] : [...(await renewExamples()), ...(await renewReadme())];
  const written = stale.map((path) => `${path} is new or has changed`);
  const report = [...written, ...renewed];
  console.log(report.length === 0 ? "The pages are up to date." : report.join("\n"));
}
