import { settings } from "./state.js";

/** The script that trains as the studio does. */
export function trainCode(): string {
  const { data, samples, hidden, neuron, encoder, optimizer, learningRate, grapes, steps, epochs, batchSize, seed } =
    settings.value;
  const names = [
    ...(data === "digits" ? ["makeDigits"] : []),
    "dense",
    "encoders",
    "evaluate",
    ...(grapes === "off" ? [] : ["grapes"]),
    "network",
    "neurons",
    "optimizers",
    "shortForm",
    "train",
  ];
  const rule = `optimizers[${JSON.stringify(optimizer)}]${learningRate > 0 ? `.with({ learningRate: ${learningRate} })` : ""}`;
  const digits = data === "digits";
  return `import { ${names.join(", ")} } from "spikevine";
${digits ? "" : 'import { readDataset, shuffleSamples, splitSamples } from "spikevine/data";\n'}
${
  digits
    ? `const { train: data, test } = makeDigits({ train: ${samples}, test: 1000 });`
    : `const all = shuffleSamples(await readDataset("my-data.npz", { labels: "y" }), { seed: 1 });
const { train: data, test } = splitSamples(all, { share: 0.2 });`
}
const neuron = neurons.${neuron}();
const net = network({
  inputs: ${digits ? "[1, 28, 28]" : "data.shape?.length === 2 ? [1, ...data.shape] : (data.shape ?? data.pixels)"},
  encoder: encoders.${encoder}(),
  steps: ${steps},
  layers: [...shortForm(${JSON.stringify(hidden)}, neuron), dense(data.classes, neuron)],
  seed: ${seed},
});
await train(net, {
  data,
  epochs: ${epochs},
  batchSize: ${batchSize},
  optimizer: ${grapes === "off" ? rule : `[grapes({ version: "${grapes}" }), ${rule}]`},
  seed: ${seed},
  onEpoch: ({ epoch, loss, accuracy }) => console.log("epoch", epoch, "loss", loss, "accuracy", accuracy),
});
console.log("test accuracy", (await evaluate(net, test)).accuracy);
`;
}
