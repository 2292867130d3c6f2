/**
 * A use of every entry for browsers, with numbers that Node must repeat. Plain JavaScript, since bundlers build it and a page
 * loads it as it is.
 */
import { evaluate, gradients, openDevice, openStream, predict, record, sweepSynapses, train } from "spikevine";
import { dataset, parseDataset } from "spikevine/data";
import { rate } from "spikevine/encoders";
import { losses } from "spikevine/losses";
import { loadModel, serializeModel } from "spikevine/models";
import { dense, network } from "spikevine/networks";
import { cubaLif, snu } from "spikevine/neurons";
import { grapes, sgd, stdp } from "spikevine/plasticity";
import { learningCurves, rasterFromArray, rasterFromTimes } from "spikevine/plots";
import { simulation } from "spikevine/simulation";

/** Bright lines in pictures of 8 x 8 pixels: label 1 for an upright line, 0 for a horizontal one. */
function lines(count) {
  const labels = Uint8Array.from({ length: count }, (_, sample) => sample % 2);
  const images = new Float32Array(count * 64);
  for (let i = 0; i < count * 8; i++) {
    const [sample, along, at] = [Math.floor(i / 8), i % 8, Math.floor(i / 16) % 8];
    images[sample * 64 + (labels[sample] ? along * 8 + at : at * 8 + along)] = 1;
  }
  return dataset({ images, labels });
}

const small = () =>
  network({
    inputs: 64,
    encoder: rate({ maxRate: 0.8 }),
    steps: 10,
    layers: [dense(16, snu()), dense(2, snu())],
    seed: 3,
  });

async function training(threads) {
  const warnings = [];
  const onWarning = (warning) => warnings.push(warning);
  const { device } = await openDevice("simd", { threads, onWarning });
  const data = lines(64);
  const net = small();
  const curve = { name: "training", epochs: [], loss: [] };
  await train(net, {
    data,
    epochs: 3,
    batchSize: 16,
    optimizer: [grapes(), sgd({ learningRate: 0.3 })],
    device,
    onEpoch({ epoch, loss }) {
      curve.epochs.push(epoch);
      curve.loss.push(loss);
    },
  });
  const { accuracy, loss } = await evaluate(net, data, { device });
  const recording = await record(net, data.images.slice(0, 64), { device });
  const { labels } = await predict(net, data, { device });
  const slopes = await gradients(net, lines(8), { device });
  const copy = await loadModel(serializeModel(net));
  const [first] = recording.layers;
  const svg = [
    learningCurves({ title: "Training", curves: [curve] }),
    rasterFromArray({ title: "Spikes", steps: 10, layers: [{ name: "hidden", units: 16, spikes: first.output }] }),
  ];
  const report = { threads: device.report.threads, warnings };
  await device.dispose();
  const numbers = {
    curve,
    accuracy,
    loss,
    spikes: [...first.output],
    labels: [...labels],
    slopes: slopes.loss,
    weights: [...net.parameters.get("layer2.weights").data],
    copied: [...copy.parameters.get("layer2.weights").data],
    svg: svg.map((each) => each.length),
  };
  return { numbers, report };
}

async function stepByStep() {
  const stream = await openStream(small());
  const outputs = [];
  for (let t = 0; t < 10; t++) outputs.push(...(await stream.step(new Float32Array(64).fill(t / 10))).output);
  await stream.close();
  return outputs;
}

async function simulated(threads, onWarning) {
  const sim = simulation({ dt: "0.1 ms", seed: 1, threads, onWarning });
  const neurons = sim.population("neurons", 20, cubaLif());
  sim.connect(neurons, neurons, { pattern: { probability: 0.2 }, target: "ie", weight: "100 pA", delay: "1 ms" });
  sim.input(neurons, { poisson: { rate: "3 kHz", weight: "100 pA", target: "ie" } });
  const spikes = sim.monitor.spikes(neurons);
  await sim.run("50 ms");
  const { length } = rasterFromTimes({
    title: "Spikes",
    to: 50,
    populations: [{ name: "neurons", size: 20, times: spikes.times, units: spikes.indices }],
  });
  return { count: spikes.count, times: [...spikes.times].slice(0, 50), svg: length };
}

/** Every point of a sweep of synapses, on worker threads. */
async function swept() {
  const points = await sweepSynapses(stdp(), {
    over: { tauPlus: ["10 ms", "20 ms", "30 ms"] },
    threads: 2,
    duration: "100 ms",
    dt: "0.1 ms",
    synapses: 1,
    weight: 0.5,
    pre: [[10, 40]],
    post: [[15, 38]],
  });
  return points.map(({ run }) => [...run.values.weight].slice(-5));
}

async function fromBytes() {
  const { images, labels } = await parseDataset(new TextEncoder().encode("a,b,label\n0,1,0\n0.5,0.25,1\n"), "a.csv", {
    labels: "label",
  });
  return { images: [...images], labels: [...labels] };
}

/** All of it as plain data; `threads` are those of the device. */
export async function everything(threads) {
  const { numbers, report } = await training(threads);
  const simulationWarnings = [];
  const spikes = await simulated(threads, (warning) => simulationWarnings.push(warning));
  return {
    numbers: {
      ...numbers,
      losses: Object.keys(losses).length,
      stepByStep: await stepByStep(),
      simulated: spikes,
      swept: await swept(),
      fromBytes: await fromBytes(),
    },
    report: { ...report, simulationWarnings },
  };
}
globalThis.everything = everything;
