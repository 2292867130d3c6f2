import { mapsOf, neuronsOf } from "../../../networks/graph.js";
import type { Network } from "../../../networks/index.js";
import { shapeText } from "../../../networks/windows.js";
import { optimizers } from "../../../plasticity/index.js";
import { describeAnswers, describeShape, describeValues } from "../../data/describe.js";
import { buildAugmentation } from "../../experiment/build.js";
import type { ExperimentData } from "../../experiment/load-data.js";
import type { Experiment } from "../../experiment/schema.js";
import { defaultScale } from "../../training/losses/default-loss.js";
import { countOf } from "../terminal/table.js";

/** Summary of a training before it starts, one line per topic. */
export function describeRun(settings: Experiment, data: ExperimentData, network: Network, device: string): string {
  const lines: [string, string][] = [
    ["data", describeData(data)],
    ...describeAugmentation(settings),
    ["encoder", describeEncoder(network)],
    ["network", describeNetwork(settings, network)],
    ["training", describeTraining(settings, network)],
    ...describeHardware(settings),
    ["device", device],
  ];
  return lines.map(([name, text]) => `${name.padEnd(8)} ${text}`).join("\n");
}

function describeData({ train, validation, test }: ExperimentData): string {
  const counts = [`${number(train.count)} training`];
  if (validation) counts.push(`${number(validation.count)} validation`);
  counts.push(`${number(test.count)} test samples`);
  const sizes = train.series === undefined ? `${train.pixels} pixels` : describeShape(train);
  return [
    `${train.name}: ${counts.join(", ")} of ${sizes} in ${train.classes} classes`,
    `${describeValues(train)}; ${describeAnswers(train)}`,
  ].join(`\n${" ".repeat(9)}`);
}

function describeAugmentation(settings: Experiment): [string, string][] {
  const steps = buildAugmentation(settings).map(({ kind, ...changes }) =>
    [kind, ...Object.entries(changes).map(([name, value]) => `${name} ${value}`)].join(" "),
  );
  return steps.length === 0 ? [] : [["augment", steps.join("; ")]];
}

function describeEncoder({ encoder }: Network): string {
  const parameters = Object.entries(encoder.parameters).map(([name, { shown }]) => `${name} ${shown}`);
  return [encoder.name, ...parameters].join(", ");
}

function describeNetwork({ network: wanted }: Experiment, network: Network): string {
  const sizes = [network.inputShape, ...mapsOf(network).map(({ shape }) => shape)].map(shapeText).join("-");
  const { neuron } = neuronsOf(network)[0]!;
  const values = Object.entries(neuron.parameters).map(([name, { shown }]) => `${name} ${shown}`);
  const trained = [...network.parameters.values()].reduce((sum, { data }) => sum + data.length, 0);
  return [
    `${wanted.recurrent ? "recurrent " : ""}${sizes} of ${[neuron.name, ...values].join(", ")}`,
    ...(wanted.outputNeuron === null ? [] : [`${wanted.outputNeuron} at the output`]),
    ...(wanted.initializer === "firing"
      ? []
      : [`weights by ${{ glorot: "Glorot", he: "He" }[wanted.initializer]}'s distribution`]),
    `${network.steps} steps of ${network.dt} ms`,
    `read-out ${wanted.readout}${wanted.unitsPerClass > 1 ? ` of ${wanted.unitsPerClass} units per class` : ""}`,
    `${number(trained)} trained values`,
  ].join("; ");
}

function describeTraining({ training }: Experiment, network: Network): string {
  const { learningRate } = optimizers[training.optimizer]!.parameters;
  const { optimizer, credit } = training;
  return [
    [optimizer, ...describeGrapes(training)].join(" with "),
    ...(credit === "backpropagation" ? [] : [credit]),
    `learning rate ${training.learningRate ?? learningRate?.shown}, ${training.schedule}`,
    `${training.loss ?? describeDefaultLoss(network)} (${training.reduction})`,
    `${countOf(training.epochs, "epoch")} in batches of ${training.batchSize}${describeMicroBatches(training)}`,
  ].join("; ");
}

function describeDefaultLoss(network: Network): string {
  const scale = defaultScale(network, network.steps);
  return scale === 1 ? "cross-entropy" : `cross-entropy(scale=${scale})`;
}

const describeMicroBatches = ({ microBatchSize }: Experiment["training"]): string =>
  microBatchSize === null ? "" : `, computed ${microBatchSize} samples at a time`;

function describeGrapes({ grapes, grapesBound, grapesGrouping }: Experiment["training"]): string[] {
  if (grapes === "off") return [];
  const variant = [grapesGrouping === "outgoing" ? "outgoing" : "", grapesBound === "none" ? "unbounded" : ""];
  return [["GRAPES", grapes, ...variant].filter(Boolean).join(" ")];
}

function describeHardware({ hardware }: Experiment): [string, string][] {
  const { updateNoise, updateNoiseKind, activationNoise, weightBits } = hardware;
  const constraints = [
    ...(updateNoise > 0 ? [`${updateNoiseKind} noise ${updateNoise} on updates`] : []),
    ...(activationNoise > 0 ? [`noise ${activationNoise} on activations`] : []),
    ...(weightBits === null ? [] : [`weights of ${weightBits} bits`]),
  ];
  return constraints.length === 0 ? [] : [["hardware", constraints.join("; ")]];
}

const number = (value: number): string => value.toLocaleString("en");
