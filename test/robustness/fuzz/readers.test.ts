import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { CheckpointStore, parseInterval, parseManifest, serializeManifest } from "#spikevine/src/checkpoint/index";
import { decodeJpeg } from "#spikevine/src/data/formats/jpeg";
import { decodePng } from "#spikevine/src/data/formats/png";
import {
  loadCifar10,
  parseAedat,
  parseCifar10,
  parseDataset,
  parseIdx,
  parseNmnist,
  parseNpyEvents,
  parseSpikingHeidelberg,
  readIdx,
  serializeIdx,
} from "#spikevine/src/data/index";
import { SpikevineError } from "#spikevine/src/errors";
import { readExperimentFile } from "#spikevine/src/experiment/file";
import { parseExperiment } from "#spikevine/src/experiment/parse";
import { parseSeeds, parseSweepSection } from "#spikevine/src/experiment/sweep-section";
import { importStateDict, loadNir } from "#spikevine/src/formats/index";
import { dense, direct, leaky, network } from "#spikevine/src/index";
import { type Hdf5File, withHdf5 } from "#spikevine/src/io/hdf5/read";
import { type Hdf5Group, type Hdf5Values, serializeHdf5 } from "#spikevine/src/io/hdf5/write";
import {
  parseMetrics,
  parseNpy,
  parseNpz,
  parseSafetensors,
  serializeNpy,
  serializeSafetensors,
} from "#spikevine/src/io/index";
import { sha256 } from "#spikevine/src/io/sha256";
import { sweepPoint } from "#spikevine/src/sweep/index";
import { parsePoint, serializePoint } from "#spikevine/src/sweep/point-file";
import { SOME_RUN } from "../../checkpoint/training.js";
import { aedat2, aedat31 } from "../../data/events/aedat-files.js";
import { pngFile } from "../../data/png-file.js";
import { paxRecord, tarArchive } from "../../data/tar-archive.js";
import { zipArchive } from "../../io/zip-archive.js";
import { HOSTILE, hostileJson, mutated, mutatedJson, mutatedText } from "./mutate.js";
import { CASES, fuzz, type Target } from "./run.js";

const folder = await mkdtemp(join(tmpdir(), "spikevine-fuzz-"));
const before = process.resourceUsage().maxRSS;

const labels = serializeIdx({ shape: [9], data: Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8) });
const images = serializeIdx({ shape: [3, 4, 5], data: Uint8Array.from({ length: 60 }, (_, i) => 4 * i) });
const recording = Uint8Array.from([
  ...[3, 4, 0, 1, 2],
  ...[33, 0, 0x80, 0, 9],
  ...[0, 240, 0, 0, 0],
  ...[12, 33, 0xff, 255, 255],
]);
const cifar = Uint8Array.from({ length: 2 * 3073 }, (_, i) => i % 10);
const archive = tarArchive([
  { path: "long", kind: "x", content: paxRecord("path", "cifar-10-batches-bin/data_batch_1.bin") },
  { path: "x", content: cifar },
  { path: "test_batch.bin", content: cifar },
]);
const npz = zipArchive([
  { name: "x.npy", content: serializeNpy({ shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) }) },
  { name: "y.npy", content: serializeNpy({ shape: [2], data: Uint8Array.of(1, 0) }), method: 0 },
]);
const pictures = [0, 3, 6].map((color) =>
  pngFile({
    ...{ width: 5, height: 4, color, depth: 8, isInterlaced: color === 6, filter: (line) => line % 5 },
    samples: Array.from({ length: 80 }, (_, i) => i % 3),
    ...(color === 3 ? { palette: [1, 2, 3, 4, 5, 6, 7, 8, 9], opacity: [3] } : {}),
  }),
);
const EVENTS = [0, 1, 2].map((i) => ({ x: i, y: 2 * i, p: i % 2, t: 1000 * i }));
const PACKETS = [
  { type: 1, overflow: 0, events: EVENTS },
  { type: 3, overflow: 0, events: [] },
  { type: 1, overflow: 1, events: EVENTS, room: 4 },
];
const jpegs = await Promise.all(
  ["color", "progressive", "grey"].map((name) =>
    readFile(join(import.meta.dirname, `../../data/fixtures/${name}.jpg`)),
  ),
);
const structuredEvents = await readFile(join(import.meta.dirname, "../../data/events/fixtures/events-structured.npy"));
const stateDict = serializeSafetensors(
  new Map([
    ["fc1.weight", { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 1, 0, -0) }],
    ["fc1.bias", { shape: [2], data: Float64Array.of(1, 2) }],
    ["lif1.beta", { shape: [], data: Float32Array.of(0.9) }],
    ["lif1.reset_mechanism_val", { shape: [], data: BigInt64Array.of(0n) }],
  ]),
);
/** A PNG file whose checksums are right again. */
function mendedPng(file: Uint8Array): Uint8Array {
  const mended = Buffer.from(file);
  for (let at = 8; at + 12 <= mended.length; ) {
    const end = at + 8 + mended.readUInt32BE(at);
    if (end + 4 > mended.length) break;
    mended.writeUInt32BE(crc32(mended.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return mended;
}
const NPY_TYPES = ["<f8", ">f4", "<f2", "|b1", ">i8", "<u4", "|f4", "|O", "<U3", "<c8"];
/** A file of zeros with this header. */
function npyFile(type: string, isFortran: boolean, sizes: readonly number[]): Uint8Array {
  const order = isFortran ? "True" : "False";
  const header = `{'descr': '${type}', 'fortran_order': ${order}, 'shape': (${sizes.map((size) => `${size},`).join(" ")}), }\n`;
  const start = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0]);
  const values = Buffer.alloc(sizes.reduce((product, size) => product * size, 1) * Number(type[2] ?? 8) || 8);
  return Buffer.concat([start, Buffer.from(header), values]);
}
const weights = serializeSafetensors(
  new Map([
    ["layer1.weights", { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, Number.NaN, 0, -0) }],
    ["counts", { shape: [2], data: BigInt64Array.of(1n, -1n) }],
    ["scalar", { shape: [], data: Uint8Array.of(7) }],
  ]),
  new Map([["experiment", "{}"]]),
);

const point = sweepPoint({ rule: "sgd", rate: 0.1, hidden: [16, 16], note: null }, 3);
const pointText = serializePoint(
  point,
  { metrics: { accuracy: 0.9, slowness: Number.NaN }, curves: { loss: [2, 1] } },
  4.5,
);

// A slice of a Buffer shares its memory, and a change would stay in the file of all later cases.
const hdf5 = Uint8Array.from(await readFile(new URL("../../io/hdf5/types.h5", import.meta.url)));
const heidelberg = Uint8Array.from(await readFile(new URL("../../data/events/fixtures/shd-small.h5", import.meta.url)));
/** Reads every array of a file; arrays that cannot be read are refused one by one. */
async function readAll(file: Hdf5File, path: readonly string[]): Promise<void> {
  if (path.length > 3) return;
  for (const name of await file.names(path)) {
    const inner = [...path, name];
    if ((await file.kind(inner)) === "group") await readAll(file, inner);
    else {
      const read = await file.read(inner).catch((error: unknown) => {
        if (!(error instanceof SpikevineError)) throw error;
      });
      if (read) expect(read.shape.reduce((product, size) => product * size, 1)).toBe(read.values.length);
    }
  }
}

const nirGroup = (members: Record<string, Hdf5Group | Hdf5Values>): Hdf5Group => ({
  members: new Map(Object.entries(members)),
});
const one = (value: string): Hdf5Values => ({ shape: [], values: [value] });
const two = (...values: number[]): Hdf5Values => ({ shape: [2], values: Float32Array.from(values) });
const size: Hdf5Values = { shape: [1], values: Float32Array.of(2) };
/** A NIR file of an affine map and two LIF neurons. */
const nir = Uint8Array.from(
  await serializeHdf5(
    nirGroup({
      version: one("1.0"),
      node: nirGroup({
        type: one("NIRGraph"),
        nodes: nirGroup({
          input: nirGroup({ type: one("Input"), shape: size }),
          fc: nirGroup({
            type: one("Affine"),
            weight: { shape: [2, 2], values: Float32Array.of(1, 2, 0, 1) },
            bias: two(0, 0.5),
          }),
          lif: nirGroup({
            type: one("LIF"),
            tau: two(0.002, 0.004),
            r: two(1, 2),
            v_leak: two(0, 0),
            v_threshold: two(1, 1),
          }),
          output: nirGroup({ type: one("Output"), shape: size }),
        }),
        edges: { shape: [3, 2], values: ["input", "fc", "fc", "lif", "lif", "output"] },
      }),
    }),
  ),
);

/** A safetensors file around any header. */
function aroundHeader(header: unknown): Uint8Array {
  const json = Buffer.from(JSON.stringify(header) ?? "");
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, new Uint8Array(64)]);
}
const header = {
  __metadata__: { a: "b" },
  x: { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] },
  y: { dtype: "U8", shape: [40], data_offsets: [24, 64] },
};

const manifest = {
  format: "spikevine checkpoint",
  version: 1,
  written: "2026-11-24T05:50:00.000Z",
  run: SOME_RUN,
  progress: {
    updates: 12,
    startDifferences: { layer2: 0.5 },
    reports: [
      {
        epoch: 1,
        loss: 0.5,
        accuracy: 0.25,
        validation: { accuracy: 0.5, loss: 1, samples: 9, steps: 6 },
        trainingSeconds: 1,
        validationSeconds: 0.1,
        modulation: { layer1: { mean: 1.5, deviation: 0.1, histogram: [0, 3, 4] } },
        symmetry: { layer2: { angle: 89, normRatio: 1, relativeDistance: 0.9 } },
      },
    ],
    sums: { samples: 8, loss: 4, terms: { "l2-penalty": 1 }, correct: 3, seconds: 0.5 },
  },
  tensors: { bytes: 24, sha256: "2".repeat(64) },
} as const;
const manifestText = serializeManifest(manifest);

const experiment = parseExperiment({});

const targets: readonly Target<never>[] = [
  target("IDX bytes", mutated(labels, images), (bytes) => {
    const { shape, data } = parseIdx(bytes, "x");
    expect(Buffer.from(serializeIdx({ shape, data }))).toEqual(Buffer.from(bytes));
  }),
  target(
    "IDX files, gzipped and plain",
    fc.tuple(mutated(labels, images, gzipSync(labels), gzipSync(images)), fc.boolean()),
    async ([bytes, packed]) => {
      const path = join(folder, "x-ubyte");
      await writeFile(path, packed ? gzipSync(bytes) : bytes);
      const { shape, data } = await readIdx(path);
      expect(shape.reduce((product, size) => product * size, 1)).toBe(data.length);
      expect(data.length).toBeLessThan(1032 * (bytes.length + 100));
    },
  ),
  target("N-MNIST bytes", mutated(recording), (bytes) => {
    const { x, y, p, t } = parseNmnist(bytes, "x");
    for (const values of [x, y, p]) expect(values!.length).toBe(t.length);
    expect(t.length).toBeLessThanOrEqual(bytes.length / 5);
    expect(x.every((column) => column < 34) && y!.every((row) => row < 34) && p!.every((one) => one < 2)).toBe(true);
  }),
  target("CIFAR-10 bytes", mutated(cifar), (bytes) => {
    const { images, labels, count } = parseCifar10(bytes, "x");
    expect([images.length, labels.length]).toEqual([3072 * count, count]);
    expect(bytes.length).toBe(3073 * count);
    expect(labels.every((label) => label < 10)).toBe(true);
  }),
  // Every case writes and reads a file.
  {
    ...target("archives of CIFAR-10", fc.tuple(mutated(archive, gzipSync(archive)), fc.boolean()), async (given) => {
      const [bytes, packed] = given;
      const dataDir = join(folder, "cifar");
      await mkdir(dataDir, { recursive: true });
      await writeFile(join(dataDir, "cifar-10-binary.tar.gz"), packed ? gzipSync(bytes) : bytes);
      const { train, test } = await loadCifar10({ dataDir });
      for (const { images, labels, count } of [train, test]) {
        expect([images.length, labels.length]).toEqual([3072 * count, count]);
      }
    }),
    cases: Math.ceil(CASES / 5),
  },
  target("safetensors bytes", mutated(weights), (bytes) => sameTensors(bytes)),
  target("safetensors headers", fc.oneof(hostileJson, mutatedJson(header)).map(aroundHeader), (bytes) =>
    sameTensors(bytes),
  ),
  target("JPEG files", mutated(...jpegs), async (bytes) => {
    const { width, height, channels, data } = await decodeJpeg(bytes, "x");
    expect(data.length).toBe(width * height * channels);
  }),
  target("recordings in AEDAT", mutated(aedat2(EVENTS), aedat31(PACKETS)), (bytes) => {
    const { x, y, p, t } = parseAedat(bytes, "x");
    expect([x.length, y!.length, p!.length]).toEqual([t.length, t.length, t.length]);
    expect(t.every((time) => time >= 0)).toBe(true);
  }),
  target("events that NumPy stored", mutated(structuredEvents), (bytes) => {
    const { x, t } = parseNpyEvents(bytes, "x");
    expect(x.length).toBe(t.length);
    expect(t.every((time) => Number.isInteger(time) && time >= 0)).toBe(true);
  }),
  target("state_dicts", fc.oneof(mutated(stateDict), hostileJson.map(aroundHeader)), (bytes) => {
    const net = network({ inputs: 3, encoder: direct(), steps: 1, layers: [dense(2, leaky(), { bias: true })] });
    const { matched } = importStateDict(net, bytes, { name: "x" });
    expect(matched.size).toBeGreaterThan(1);
    for (const { data } of net.parameters.values()) expect(data.every(Number.isFinite)).toBe(true);
  }),
  target("npy bytes", mutated(serializeNpy({ shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) })), (bytes) => {
    const { shape, data } = parseNpy(bytes, "x");
    expect(shape.reduce((product, size) => product * size, 1)).toBe(data.length);
  }),
  target(
    "npy headers",
    fc.tuple(fc.constantFrom(...NPY_TYPES), fc.boolean(), fc.array(fc.nat(5), { maxLength: 4 })),
    (given) => {
      const [type, isFortran, sizes] = given;
      const { shape, data } = parseNpy(npyFile(type, isFortran, sizes), "x");
      expect(shape).toEqual(sizes);
      expect(data.length).toBe(sizes.reduce((product, size) => product * size, 1));
    },
  ),
  target("npz bytes", mutated(npz), async (bytes) => {
    for (const { shape, data } of (await parseNpz(bytes, "x")).values()) {
      expect(shape.reduce((product, size) => product * size, 1)).toBe(data.length);
    }
  }),
  target(
    "tables",
    mutatedText("a,label\n1,0\n2,1\n", '\ufeff"x";"label"\r\n"1";"cat"\r\n3;dog', "1\t2\n3\t4"),
    async (text) => {
      const { images, labels, count, pixels } = await parseDataset(Buffer.from(text), "x.csv", { labels: "label" });
      expect([images.length, labels.length]).toEqual([count * pixels, count]);
      expect(images.every((value) => Number.isFinite(value))).toBe(true);
    },
  ),
  target(
    "files of samples",
    mutated(npz, gzipSync(npz), images, weights, Buffer.from("layer1,y\n1,0\n")),
    async (bytes) => {
      const options = { labels: "y", labelFile: labels };
      const { images: values, labels: answers, count, pixels, classes } = await parseDataset(bytes, "x", options);
      expect([values.length, answers.length]).toEqual([count * pixels, count]);
      expect(answers.every((label) => label < classes)).toBe(true);
    },
  ),
  target("PNG bytes", fc.tuple(mutated(...pictures), fc.boolean()), async ([bytes, isMended]) => {
    const { width, height, channels, data } = await decodePng(isMended ? mendedPng(bytes) : bytes, "x");
    expect(data.length).toBe(width * height * channels);
    expect(data.length).toBeLessThan(3 * 8 * 1032 * bytes.length);
  }),
  // Every case starts a thread.
  {
    ...target("HDF5 bytes", mutated(hdf5), (bytes) => withHdf5(bytes, "x", (file) => readAll(file, []))),
    cases: Math.ceil(CASES / 10),
    slowest: 30_000,
  },
  {
    ...target("Spiking Heidelberg Digits", mutated(heidelberg), async (bytes) => {
      const { count, labels, classes, series } = await parseSpikingHeidelberg(bytes, "x", { bin: "1 ms", steps: 9 });
      expect(labels.length).toBe(count);
      expect(labels.every((label) => label < classes)).toBe(true);
      if (series?.kind !== "events") throw new Error("no events");
      for (const { x, t } of series.samples) {
        expect(x.length).toBe(t.length);
        expect(x.every((channel) => channel < 700) && t.every((time) => time >= 0)).toBe(true);
      }
    }),
    cases: Math.ceil(CASES / 10),
    slowest: 30_000,
  },
  {
    ...target("NIR bytes", mutated(nir), async (bytes) => {
      const net = await loadNir(bytes, { dt: "1 ms", steps: 3, preset: "norse" });
      for (const { data } of net.parameters.values()) expect(data.every(Number.isFinite)).toBe(true);
    }),
    cases: Math.ceil(CASES / 10),
    slowest: 30_000,
  },
  target("manifest text", mutatedText(manifestText, '{"sha256":"x","manifest":{}}'), (text) => {
    // Only a text with the same meaning passes.
    expect(parseManifest(text, "x")).toEqual(manifest);
  }),
  target("manifests with a right checksum", fc.oneof(hostileJson, mutatedJson(manifest)), (content) => {
    const read = parseManifest(
      JSON.stringify({ sha256: sha256(JSON.stringify(content) ?? ""), manifest: content }),
      "x",
    );
    expect(Object.getPrototypeOf(read.progress)).toBe(Object.prototype);
    expect(read.progress.updates).toBeTypeOf("number");
  }),
  target("metrics text", mutatedText('{"kind":"epoch","epoch":1}\n{"kind":"test"}\n', '{"kind":"ep'), (text) => {
    const { records } = parseMetrics(text, "x");
    for (const record of records) expect(record).toBeTypeOf("object");
  }),
  target("experiments", fc.oneof(hostileJson, mutatedJson(experiment)), (value) => {
    // Accepted metrics are complete and stay unchanged.
    const read = parseExperiment(value);
    expect(parseExperiment(read)).toEqual(read);
    expect(Object.keys(read)).toEqual(Object.keys(experiment));
  }),
  target(
    "experiment files",
    mutatedText(JSON.stringify(experiment, null, 1), '{"training":{"epochs":3}}', ...HOSTILE),
    async (text) => {
      const path = join(folder, "x.json");
      await writeFile(path, text);
      await readExperimentFile(path);
    },
  ),
  target("point files of a sweep", mutatedText(pointText, '{"sha256":"x","finished":{}}', ...HOSTILE), (text) => {
    // Only a text with the same meaning passes.
    expect(parsePoint(text, "x", point)).toEqual(parsePoint(pointText, "x", point));
  }),
  target(
    "points with a right checksum",
    fc.oneof(hostileJson, mutatedJson(JSON.parse(pointText).finished)),
    (content) => {
      const sum = sha256(JSON.stringify(content) ?? "");
      const read = parsePoint(JSON.stringify({ sha256: sum, finished: content }), "x", point);
      expect(read.id).toBe(point.id);
      for (const value of Object.values(read.metrics)) expect(value).toBeTypeOf("number");
    },
  ),
  target(
    "sweep sections",
    fc.oneof(
      hostileJson,
      mutatedJson({ vary: { "training.learningRate": [0.1, 0.3], decay: [null] }, seeds: "0..4,9" }),
    ),
    (value) => {
      const { vary, seeds = [] } = parseSweepSection(value, "x");
      for (const values of vary.values()) expect(values.length).toBeGreaterThan(0);
      for (const seed of seeds) expect(seed).toBeGreaterThanOrEqual(0);
    },
  ),
  target("seeds", fc.oneof(mutatedText("0..4", "1,2,5", "7,9..12"), fc.string()), (text) => {
    const seeds = parseSeeds(text, "x");
    expect(seeds.length).toBeGreaterThan(0);
    expect(new Set(seeds).size).toBe(seeds.length);
    for (const seed of seeds) expect(Number.isSafeInteger(seed) && seed >= 0).toBe(true);
  }),
  target("checkpoint intervals", fc.oneof(mutatedText("30 s", "500 batches", "1.5 epochs"), fc.string()), (text) => {
    const { every } = parseInterval(text);
    expect(every).toBeGreaterThan(0);
    expect(every).toBeLessThan(1e14);
  }),
];

function target<T>(name: string, input: fc.Arbitrary<T>, read: (input: T) => unknown): Target<never> {
  return { name, input, read } as unknown as Target<never>;
}

function sameTensors(bytes: Uint8Array): void {
  const { tensors, metadata } = parseSafetensors(bytes, "x");
  const again = parseSafetensors(serializeSafetensors(tensors, metadata), "x");
  expect([...again.tensors.keys()].sort()).toEqual([...tensors.keys()].sort());
  for (const [name, tensor] of tensors) expect(again.tensors.get(name)).toEqual(tensor);
  let held = 0;
  for (const { data } of tensors.values()) held += data.byteLength;
  expect(held).toBeLessThanOrEqual(bytes.length);
}

describe(`${CASES} cases each: the right value or a typed error, for any file`, () => {
  it.each(targets)("$name", (chosen) => fuzz(chosen), 600_000);

  it("checkpoint folders", async () => {
    const store = new CheckpointStore(join(folder, "checkpoints"), 2);
    const state = (updates: number) => ({
      progress: { updates, startDifferences: {}, reports: [], sums: manifest.progress.sums },
      tensors: new Map([["w", { rows: 2, columns: 2, data: Float32Array.of(updates, 1, 2, 3) }]]),
    });
    for (const updates of [1, 2]) await store.write(state(updates), SOME_RUN);
    const name = join(store.folder, "checkpoint-00000002");
    const good = { json: await readFile(`${name}.json`), safetensors: await readFile(`${name}.safetensors`) };
    const damage = fc.tuple(
      fc.constantFrom("json", "safetensors" as const),
      mutated(good.json),
      mutated(good.safetensors),
    );
    await fuzz({
      name: "checkpoint folders",
      input: damage,
      async read([which, json, safetensors]) {
        await writeFile(`${name}.json`, which === "json" ? json : good.json);
        await writeFile(`${name}.safetensors`, which === "json" ? good.safetensors : safetensors);
        const { checkpoint, problems } = await new CheckpointStore(store.folder, 2).latest();
        expect(checkpoint!.snapshot).toEqual(state(problems.length === 0 ? 2 : 1));
      },
    });
  }, 600_000);
});

afterAll(() => {
  // A header that claims gigabytes must not be trusted; the rest is garbage of many small cases.
  const grown = (process.resourceUsage().maxRSS - before) / 1024;
  expect(grown, "largest memory of reading, MiB").toBeLessThan(600);
});
