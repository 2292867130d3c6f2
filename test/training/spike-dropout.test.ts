import { beforeAll, describe, expect, it } from "vitest";
import { rate } from "#spikevine/encoders/index";
import { batchNorm } from "#spikevine/networks/batch-norm";
import { convolution } from "#spikevine/networks/convolution";
import { flatten } from "#spikevine/networks/flatten";
import { dense, type Network, network } from "#spikevine/networks/index";
import type { Layer } from "#spikevine/networks/layers";
import { averagePool, maxPool } from "#spikevine/networks/pooling";
import { residual } from "#spikevine/networks/residual";
import { relu, snu } from "#spikevine/neurons/index";
import { sgd } from "#spikevine/plasticity/index";
import { dataset } from "#spikevine/src/data/dataset";
import type { Device } from "#spikevine/src/device/contract";
import { openDevice } from "#spikevine/src/device/index";
import { referenceDevice } from "#spikevine/src/device/reference/index";
import { evaluate, gradients, train } from "#spikevine/src/training/index";
import { oneBatch } from "./one-batch.js";
import { stripes } from "./stripes.js";

let device: Device;
beforeAll(async () => {
  device = await referenceDevice({ precision: "double" });
});

const of = (layers: readonly Layer[], inputs: number | [number, number, number] = 12): Network =>
  network({ inputs, encoder: rate({ maxRate: 1 }), steps: 6, layers, seed: 5 });

// Gradients of all neurons with dropout on spikes, recurrent layers included, are compared with the tape in
// independent-gradients.test.ts.
describe("dropout on spikes", () => {
  it("switches units off for a presentation; the weights that read the others count 1 / keep times", async () => {
    // Every unit of the first layer fires at every step, so a current of the second is a sum over the units that are left.
    const always = snu({ threshold: -1 });
    const fixed = { trainable: { threshold: "fixed" } } as const;
    const net = of([dense(8, always, { ...fixed, dropout: 0.75 }), dense(1, relu())]);
    net.parameters.get("layer1.weights")!.data.fill(0);
    net.parameters.get("layer2.weights")!.data.set([1, 2, 4, 8, 16, 32, 64, 128]);
    const pixels = Array.from({ length: 40 }, () => new Array(12).fill(0.5));
    const program = await oneBatch(net, device, { pixels, labels: pixels.map(() => 0) }, { seed: 2 });
    const sums = [...(await program.readSignal("train", "readout"))].map((sum) => sum / (6 * 4));
    // A subset of the units, the same at every step: a whole number of eight bits.
    for (const sum of sums) expect(sum).toBeCloseTo(Math.round(sum), 9);
    expect(new Set(sums.map(Math.round)).size).toBeGreaterThan(20);
    const kept = sums.reduce((bits, sum) => bits + Math.round(sum).toString(2).replaceAll("0", "").length, 0);
    // 320 draws with probability 1/4: a standard deviation is 7.7.
    expect(Math.abs(kept - 80)).toBeLessThan(4 * 7.7);
    await program.dispose();
  });

  it.each(["reference", "simd"])(
    "feedback weights that equal the forward weights give the gradients of backpropagation, by %s",
    async (name) => {
      const own = (await openDevice(name)).device;
      const net = of([dense(9, snu(), { dropout: 0.3 }), dense(8, snu(), { dropout: 0.6 }), dense(3, snu())]);
      const samples = {
        pixels: Array.from({ length: 6 }, (_, s) => Array.from({ length: 12 }, (_, p) => ((s + p) % 4) / 4)),
        labels: [0, 1, 2, 0, 1, 2],
      };
      const weights = (layer: string) => net.parameters.get(`${layer}.weights`)!.data;
      const feedback = { "layer2.feedback": weights("layer2"), "layer3.feedback": weights("layer3") };
      const exact = await oneBatch(net, own, samples);
      const aligned = await oneBatch(net, own, samples, { credit: "feedback-alignment" }, feedback);
      // The last hidden layer receives the output error directly.
      const direct = { "layer2.outputFeedback": weights("layer3") };
      const sent = await oneBatch(net, own, samples, { credit: "direct-feedback-alignment" }, direct);
      for (const [program, layers] of [
        [aligned, ["layer1", "layer2", "layer3"]],
        [sent, ["layer2", "layer3"]],
      ] as const) {
        for (const layer of layers) {
          const expected = await exact.readTensor(`${layer}.weights.gradient`);
          const largest = Math.max(...expected.map(Math.abs));
          expect(largest).toBeGreaterThan(0);
          (await program.readTensor(`${layer}.weights.gradient`)).forEach((value, i) => {
            expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-5 * largest);
          });
        }
      }
      await own.dispose();
    },
  );

  it("does nothing in an evaluation", async () => {
    const data = stripes(20);
    const [plain, dropped] = [0, 0.4].map((dropout) => of([dense(9, snu(), { dropout }), dense(3, snu())]));
    expect(await evaluate(dropped!, data, { device })).toEqual(await evaluate(plain!, data, { device }));
    const differ = await Promise.all([plain!, dropped!].map((net) => gradients(net, data, { device })));
    expect(differ[0]!.loss).not.toBe(differ[1]!.loss);
  });

  it.each(["double precision", "simd", "gpujs:cpu"])(
    "is the same for a convolution of one pixel, by %s",
    async (name) => {
      const own = name === "double precision" ? device : (await openDevice(name)).device;
      const data = stripes(7);
      const dropout = 0.3;
      const flat = of([dense(9, snu(), { dropout }), dense(5, snu(), { dropout, bias: true }), dense(3, snu())]);
      const convolved = of(
        [
          convolution(9, 1, snu(), { dropout }),
          convolution(5, 1, snu(), { dropout, bias: true }),
          flatten(),
          dense(3, snu()),
        ],
        [12, 1, 1],
      );
      const want = await gradients(flat, data, { device, seed: 3 });
      for (const [i, array] of [...convolved.parameters.values()].entries())
        array.data.set([...flat.parameters.values()][i]!.data);
      const got = await gradients(convolved, data, { device: own, seed: 3 });
      expect(Math.abs(got.loss - want.loss)).toBeLessThan(1e-5);
      const expected = [...want.gradients.values()];
      expect(expected.some((values) => values.some((value) => value !== 0))).toBe(true);
      for (const [i, values] of [...got.gradients.values()].entries()) {
        values.forEach((value, at) => {
          expect(Math.abs(value - expected[i]![at]!)).toBeLessThan(1e-5);
        });
      }
      if (own !== device) await own.dispose();
    },
  );

  it("passes through pools, and trains", async () => {
    const layers = [
      convolution(4, 3, snu(), { dropout: 0.2, padding: 1 }),
      maxPool(2),
      convolution(4, 1, snu(), { dropout: 0.2 }),
      averagePool(1),
      flatten(),
      dense(3, snu()),
    ];
    const net = of(layers, [1, 4, 4]);
    const images = Float32Array.from({ length: 24 * 16 }, (_, i) => (i % 3 === Math.floor(i / 16) % 3 ? 1 : 0.1));
    const data = dataset({ images, labels: Uint8Array.from({ length: 24 }, (_, i) => i % 3), shape: [4, 4] });
    const { epochs } = await train(net, {
      data,
      epochs: 6,
      batchSize: 8,
      optimizer: sgd({ learningRate: 0.1 }),
      frozen: ["layer1"],
      device: "simd",
      threads: 1,
    });
    expect(epochs.at(-1)!.loss).toBeLessThan(epochs[0]!.loss);
  });

  it.each([
    [[dense(3, snu(), { dropout: 0.1 })], "the dropout of layer1 is 0.1, but the read-out needs every spike"],
    [
      [convolution(3, 1, snu(), { dropout: 0.1 }), batchNorm(), flatten(), dense(3, snu())],
      "layer2 reads spikes of a layer with dropout without weights between them",
    ],
    [
      [convolution(3, 1, snu()), residual([convolution(3, 1, snu(), { dropout: 0.1 })]), flatten(), dense(3, snu())],
      "adds outputs of layers of spikes with and without dropout",
    ],
  ] as [Layer[], string][])("is refused where no weights can have its factor (%#)", (layers, message) => {
    expect(() => of(layers, [12, 1, 1])).toThrow(message);
  });
});
