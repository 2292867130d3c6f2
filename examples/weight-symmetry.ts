// Weight symmetry without weight transport: Figure 2C of Yang and Li 2022 (arXiv 2212.09440), then a spiking network whose
// errors are backpropagated through separate weights B, which get the gradients of the forward weights W. Predisposition
// makes W and B alike; it is compared with feedback alignment (fixed B) and backpropagation (B = W).
import {
  bioAdam,
  bioAdamDynamics,
  type Credit,
  dense,
  glorotUniform,
  network,
  rate,
  semiImplicit,
  simulateSynapses,
  snu,
  spikeRate,
  train,
  type WeightAlignment,
} from "spikevine";
import { type Line, linePlot } from "spikevine/plots";
import { percent, saveFigure, settings } from "./settings.js";

// m rho is -1 in every step: potentiation by 0.1.
const potentiated = bioAdamDynamics({
  tauM: "1 ms",
  tauRho: "1 ms",
  rhoRest: 1e12,
  learningRate: "100 Hz",
  predisposition: { temperature: 1 },
  integrator: semiImplicit,
});
const pair = simulateSynapses(potentiated, { dt: 1, duration: 1000, synapses: 2, weight: [1, -1], signal: () => -1 });
const weight = (synapse: 0 | 1) => pair.values.weight!.filter((_, i) => i % 2 === synapse);
console.log("| difference of +1 and -1 after | 10 | 50 | 100 | 1000 potentiations |\n|---|---|---|---|---|");
const differences = [10, 50, 100, 1000].map((k) => (weight(0)[k]! - weight(1)[k]!).toPrecision(3));
console.log(`| here, step 0.1, T 1 | ${differences.join(" | ")} |\n`);

const { data, epochs, seeds, device } = await settings({ epochs: 20, seeds: 1, train: 2000, test: 1000 });
interface Condition {
  readonly name: string;
  readonly credit: Credit;
  readonly temperature?: number;
  /** Test % of ResNet20 on CIFAR-10. */
  readonly paper: string;
}
const conditions: Condition[] = [
  { name: "backpropagation", credit: "backpropagation", paper: "91.53" },
  { name: "feedback alignment", credit: "feedback-alignment", paper: "" },
  ...[10, 5, 1, 0.2, 0.05].map((temperature) => ({
    name: `predisposition, T ${temperature}`,
    credit: "predisposition" as const,
    temperature,
    paper: { 10: "91.55", 5: "90.33" }[temperature] ?? "",
  })),
];

const rows: string[] = [];
const angles: Line[] = [];
const ratios: Line[] = [];
const distanceLines: Line[] = [];
for (const { name, credit, temperature, paper } of conditions) {
  const accuracies: number[] = [];
  const symmetry: WeightAlignment[][] = [];
  for (const seed of seeds) {
    const unit = snu({ decay: 0.8 });
    const net = network({
      inputs: data.train.pixels,
      encoder: rate({ maxRate: 0.5 }),
      steps: 12,
      layers: [64, 64, 10].map((units) => dense(units, unit, { initializer: glorotUniform })),
      readout: spikeRate(),
      seed,
    });
    const { epochs: reports } = await train(net, {
      data: data.train,
      validation: data.test,
      epochs,
      batchSize: 32,
      optimizer: bioAdam({
        learningRate: 3e-3,
        rhoRest: 1e5,
        ...(temperature === undefined ? {} : { predisposition: { temperature, pathLength: true } }),
      }),
      credit,
      device,
    });
    accuracies.push(reports.at(-1)!.validation!.accuracy);
    if (seed === 1) for (const report of reports) symmetry.push(Object.values(report.symmetry ?? {}));
  }
  const show = (value: (layer: WeightAlignment) => string): string =>
    (symmetry.at(-1) ?? []).map(value).join(", ") || "-";
  const columns = [
    show(({ angle }) => angle.toFixed(1)),
    show(({ normRatio }) => normRatio.toFixed(2)),
    show(({ relativeDistance }) => relativeDistance.toFixed(3)),
    show(({ predictedDistance: predictedGap }) => predictedGap?.toFixed(3) ?? "-"),
  ];
  rows.push(`| ${name} | ${paper} | ${percent(accuracies)} | ${columns.join(" | ")} |`);
  console.log(`${name}: test ${percent(accuracies)} %`);
  if (credit === "backpropagation") continue;
  // Before training the two are independent.
  const over = (value: (layer: WeightAlignment) => number, start: number): Pick<Line, "x" | "y"> => ({
    x: [0, ...symmetry.map((_, i) => i + 1)],
    y: [start, ...symmetry.map((layers) => value(layers[0]!))],
  });
  angles.push({ name, ...over(({ angle }) => angle, 90) });
  ratios.push({ name, ...over(({ normRatio }) => normRatio, 1) });
  if (temperature === undefined || temperature > 1) continue;
  distanceLines.push({ name: `T ${temperature}`, ...over(({ relativeDistance }) => relativeDistance, 1) });
  distanceLines.push({
    name: `T ${temperature}, predicted`,
    dashed: true,
    ...over((layer) => layer.predictedDistance!, 1),
  });
}
const head = "| | paper, CIFAR-10 test % | test % | angle, degrees | norm ratio B/W | distance | distance, predicted |";
console.log(`\n${head}\n|---|---|---|---|---|---|---|\n${rows.join("\n")}`);
const note = [
  `${data.train.name}, ${data.train.count} samples, ${epochs} epochs, SNU 64-64-10 where the paper has ResNet20; layers 2 and 3 of seed 1.`,
  "Predicted: exp(-sum |u| / (2T)) of every synapse, to first order; distance is |W - B| relative to its start.",
];
console.log(`\n${note.join("\n")}`);

const updates = Array.from({ length: 101 }, (_, k) => k);
await saveFigure(
  "weight-symmetry",
  linePlot({
    title: "Weight symmetry by predisposition",
    columns: 2,
    panels: [
      {
        title: "Two weights, potentiated alike (Fig. 2C)",
        xLabel: "potentiations",
        lines: [
          { name: "from +1", x: updates, y: weight(0).slice(0, 101) },
          { name: "from -1", x: updates, y: weight(1).slice(0, 101) },
        ],
      },
      { title: "Angle of W and B, layer 2", xLabel: "epoch", lines: angles },
      { title: "Norm of B over norm of W, layer 2", xLabel: "epoch", lines: ratios },
      { title: "Relative distance |W - B|, layer 2", xLabel: "epoch", lines: distanceLines },
    ],
    note,
  }),
);
