import { describe, expect, it } from "vitest";
import { direct, rate } from "#spikevine/encoders/index";
import { everyOutput, meanSquaredError } from "#spikevine/losses/index";
import { dense, network } from "#spikevine/networks/index";
import { snu } from "#spikevine/neurons/index";
import { adam } from "#spikevine/plasticity/index";
import { type Dataset, dataset, spikeDataset, streamedDataset } from "#spikevine/src/data/index";
import { evaluate, predict, randomAffine, type TrainingSnapshot, train } from "#spikevine/src/index";
import { stripes } from "./stripes.js";

const device = "reference";
const COUNT = 23;
const inMemory: Dataset = { ...stripes(COUNT), shape: [3, 4] };

/** The samples of a data set, read one batch at a time, and the indices of every read. */
function streamed(data: Dataset = inMemory) {
  const reads: number[][] = [];
  const stream = streamedDataset({
    name: "streamed",
    count: data.count,
    pixels: data.pixels,
    classes: data.classes,
    ...(data.shape === undefined ? {} : { shape: data.shape }),
    async read(indices) {
      reads.push([...indices]);
      const images = new Float32Array(indices.length * data.pixels);
      indices.forEach((index, i) => {
        images.set(data.images!.subarray(index * data.pixels, (index + 1) * data.pixels), i * data.pixels);
      });
      const labels = Uint8Array.from(indices, (index) => data.labels[index]!);
      return dataset({
        images,
        labels,
        classes: data.classes,
        ...(data.shape === undefined ? {} : { shape: data.shape }),
      });
    },
  });
  return { stream, reads };
}

const classifier = () => network({ inputs: 12, encoder: rate(), steps: 4, layers: [dense(8, snu()), dense(3, snu())] });
const options = { epochs: 2, batchSize: 5, optimizer: adam({ learningRate: 0.01 }), device } as const;

const weightsOf = (net: ReturnType<typeof classifier>) =>
  Object.fromEntries([...net.parameters].map(([name, { data }]) => [name, data]));

describe("streamed data", () => {
  it("trains to the same bits as data in memory", async () => {
    const nets = [classifier(), classifier()] as const;
    const { stream, reads } = streamed();
    const [a, b] = [
      await train(nets[0], { ...options, data: inMemory, validation: inMemory }),
      await train(nets[1], { ...options, data: stream, validation: stream }),
    ];
    expect(weightsOf(nets[1])).toEqual(weightsOf(nets[0]));
    expect(b.final).toMatchObject({ loss: a.final!.loss, accuracy: a.final!.accuracy });
    expect(b.final!.validation).toEqual(a.final!.validation);
    // Every sample is read once per epoch of training, in batches.
    const [epoch] = [reads.slice(0, 5)];
    expect(epoch.map((read) => read.length)).toEqual([5, 5, 5, 5, 3]);
    expect(epoch.flat().sort((x, y) => x - y)).toEqual(Array.from({ length: COUNT }, (_, i) => i));
  });

  it("reads one batch ahead, no more", async () => {
    const { stream, reads } = streamed();
    const ahead: number[] = [];
    let used = 0;
    await train(classifier(), {
      ...options,
      epochs: 1,
      data: stream,
      onBatch: () => ahead.push(reads.length - ++used),
    });
    expect(ahead).toEqual([1, 1, 1, 1, 0]);
  });

  it("resumes in the middle of an epoch, with the remaining samples only", async () => {
    const whole = classifier();
    await train(whole, { ...options, data: streamed().stream });
    const stopped = classifier();
    const abort = new AbortController();
    let snapshot: TrainingSnapshot | undefined;
    await train(stopped, {
      ...options,
      data: streamed().stream,
      signal: abort.signal,
      onBatch: ({ batch }) => batch === 3 && abort.abort(),
      onSnapshot: (taken) => {
        snapshot = taken;
      },
    });
    const resumed = classifier();
    const { stream, reads } = streamed();
    await train(resumed, { ...options, data: stream, resume: snapshot! });
    expect(weightsOf(resumed)).toEqual(weightsOf(whole));
    // The first read is that of the fingerprint.
    expect(reads.slice(0, 3).map((read) => read.length)).toEqual([23, 5, 3]);
  });

  it.each(["in memory", "streamed"])("refuses to resume with other data, %s", async (where) => {
    const source = (data: Dataset) => (where === "streamed" ? streamed(data).stream : data);
    const changed = { ...inMemory, images: (inMemory.images as Float32Array).with(1, 9) };
    let snapshot: TrainingSnapshot | undefined;
    const onSnapshot = (taken: TrainingSnapshot) => {
      snapshot = taken;
    };
    const both = { data: source(inMemory), validation: source(inMemory) };
    await train(classifier(), { ...options, ...both, epochs: 1, onSnapshot });
    const resume = snapshot!;
    await train(classifier(), { ...options, ...both, resume });
    for (const option of ["data", "validation"] as const) {
      const other = { ...both, [option]: source(changed) };
      await expect(train(classifier(), { ...options, ...other, resume })).rejects.toThrow(
        new RegExp(`cannot resume from the snapshot: ${option} has the fingerprint \\w+ and had \\w+; give the data`),
      );
    }
    await expect(train(classifier(), { ...options, data: both.data, resume })).rejects.toThrow(
      /validation has the fingerprint none and had \w+/,
    );
    const { data: _, ...progress } = resume.progress;
    const other = { ...both, data: source(changed) };
    const result = await train(classifier(), { ...options, ...other, resume: { ...resume, progress } });
    expect(result.epochs).toHaveLength(2);
  });

  it("augments streamed images as those in memory", async () => {
    const augment = [randomAffine({ rotation: 20, translation: 1 })];
    for (const augmentWorkers of [0, 1]) {
      const nets = [classifier(), classifier()] as const;
      await train(nets[0], { ...options, data: inMemory, augment, augmentWorkers });
      await train(nets[1], { ...options, data: streamed().stream, augment, augmentWorkers });
      expect(weightsOf(nets[1])).toEqual(weightsOf(nets[0]));
    }
  });

  it("is evaluated and predicted", async () => {
    const net = classifier();
    const { stream } = streamed();
    expect(await evaluate(net, stream, { device, batchSize: 4 })).toEqual(
      await evaluate(net, inMemory, { device, batchSize: 4 }),
    );
    expect(await predict(net, stream, { device, batchSize: 7 })).toEqual(
      await predict(net, inMemory, { device, batchSize: 7 }),
    );
  });

  it("holds samples in time", async () => {
    const spikes = Uint8Array.from({ length: 6 * 4 * 12 }, (_, i) => ((i * 31) % 7 === 0 ? 1 : 0));
    const labels = [0, 1, 2, 0, 1, 2];
    const all = spikeDataset({ spikes, inputs: 12, labels });
    const net = network({ inputs: 12, encoder: direct(), steps: 4, layers: [dense(3, snu())] });
    const stream = streamedDataset({
      name: "s",
      count: 6,
      pixels: 12,
      classes: 3,
      form: { kind: "spikes", steps: 4 },
      read: async (indices) =>
        spikeDataset({
          spikes: Array.from(indices, (i) => spikes.slice(i * 48, (i + 1) * 48)),
          inputs: 12,
          labels: Array.from(indices, (i) => labels[i]!),
        }),
    });
    expect(await predict(net, stream, { device, batchSize: 4 })).toEqual(
      await predict(net, all, { device, batchSize: 4 }),
    );
  });

  it("may have targets only", async () => {
    const values = Float32Array.from({ length: COUNT * 3 }, (_, i) => (i % 5) / 5);
    const all = dataset({ images: inMemory.images!, targets: { values, width: 3 } });
    const stream = streamedDataset({
      name: "s",
      count: COUNT,
      pixels: 12,
      classes: 0,
      read: async (indices) => {
        const rows = (from: Float32Array, width: number) =>
          Float32Array.from([...indices].flatMap((i) => [...from.subarray(i * width, (i + 1) * width)]));
        return dataset({
          images: rows(all.images as Float32Array, 12),
          targets: { values: rows(values, 3), width: 3 },
        });
      },
    });
    const nets = [classifier(), classifier()] as const;
    await train(nets[0], { ...options, data: all, loss: "mean-squared-error" });
    await train(nets[1], { ...options, data: stream, loss: "mean-squared-error" });
    expect(weightsOf(nets[1])).toEqual(weightsOf(nets[0]));
    const wide = network({ inputs: 12, encoder: rate(), steps: 4, layers: [dense(4, snu())] });
    await expect(train(wide, { ...options, data: stream, loss: "mean-squared-error" })).rejects.toThrow(
      "has 3 targets per row, but the network has 4 outputs",
    );
  });

  it("may have targets of every step", async () => {
    const [steps, width] = [4, 3];
    const size = steps * width;
    const values = Float32Array.from({ length: COUNT * size }, (_, i) => ((i * 7) % 5) / 5);
    const all = dataset({ images: inMemory.images!, targets: { values, width, steps } });
    const stream = (targets?: { width: number; steps?: number }, given = steps) =>
      streamedDataset({
        name: "s",
        count: COUNT,
        pixels: 12,
        classes: 0,
        ...(targets === undefined ? {} : { targets }),
        read: async (indices) => {
          const rows = (from: Float32Array, length: number) =>
            Float32Array.from([...indices].flatMap((i) => [...from.subarray(i * length, (i + 1) * length)]));
          return dataset({
            images: rows(all.images as Float32Array, 12),
            targets: { values: rows(values, given * width), width, steps: given },
          });
        },
      });
    const loss = meanSquaredError({ of: everyOutput() });
    const nets = [classifier(), classifier()] as const;
    const found = [
      await train(nets[0], { ...options, data: all, validation: all, loss }),
      await train(nets[1], { ...options, data: stream({ width, steps }), validation: stream({ width, steps }), loss }),
    ] as const;
    expect(weightsOf(nets[1])).toEqual(weightsOf(nets[0]));
    expect(found[1].final!.validation!.loss).toBe(found[0].final!.validation!.loss);
    expect(await evaluate(nets[1], stream({ width, steps }), { device, loss })).toEqual(
      await evaluate(nets[0], all, { device, loss }),
    );
    await expect(evaluate(classifier(), stream(), { device, loss })).rejects.toThrow(
      'data: read of "s" returned the targets 3 values per step of 4 in place of none, or one row per sample',
    );
    await expect(evaluate(classifier(), stream({ width, steps }, 2), { device, loss })).rejects.toThrow(
      "returned the targets 3 values per step of 2 in place of 3 values per step of 4",
    );
    await expect(evaluate(classifier(), stream({ width, steps: 5 }), { device, loss })).rejects.toThrow(
      "has targets for 5 steps, but a presentation has 4",
    );
    await expect(evaluate(classifier(), stream({ width: 2, steps }), { device, loss })).rejects.toThrow(
      "has 2 targets per row, but the network has 3 outputs",
    );
  });

  it("is checked when it is read", async () => {
    const net = classifier();
    const given = (change: object, read: () => Promise<unknown>) =>
      streamedDataset({ name: "s", count: 4, pixels: 12, classes: 3, ...change, read: read as never });
    const part = (count: number, label = 0) =>
      dataset({ images: new Float32Array(count * 12), labels: new Uint8Array(count).fill(label) });
    await expect(
      evaluate(
        net,
        given({}, async () => part(3)),
        { device },
      ),
    ).rejects.toThrow('data: read of "s" returned the samples 3 in place of 4');
    await expect(
      evaluate(
        net,
        given({}, async () => part(4, 3)),
        { device },
      ),
    ).rejects.toThrow('data: read of "s" returned the label 3, but there are 3 classes');
    await expect(
      evaluate(
        net,
        given({}, async () => [1, 2]),
        { device },
      ),
    ).rejects.toThrow('data: "s": the result of read is [1,2]; give a data set');
    const series = given({ form: { kind: "values", steps: 2 } }, async () => part(4));
    await expect(evaluate(net, series, { device })).rejects.toThrow(
      'data: read of "s" returned the form still images in place of values in 2 steps',
    );
    await expect(
      evaluate(
        net,
        given({}, () => Promise.reject(new Error("disk on fire"))),
        { device },
      ),
    ).rejects.toThrow("disk on fire");
    await expect(
      evaluate(
        net,
        given({ pixels: 5 }, async () => part(4)),
        { device },
      ),
    ).rejects.toThrow('"s" has 5 values per sample, but the network has 12 inputs');
  });
});
