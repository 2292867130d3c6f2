// streamed.ts
import { dense, evaluate, network, rate, snu, streamedDataset } from "spikevine";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { streamImagesAndLabels, writeIdx } from "spikevine/data";
const folder = await mkdtemp(join(tmpdir(), "images-"));
const images = join(folder, "images");
const labels = join(folder, "labels");
await writeIdx(images, { shape: [100, 8, 8], data: Uint8Array.from({ length: 6400 }, (_, i) => (i * 7) % 256) });
await writeIdx(labels, { shape: [100], data: Uint8Array.from({ length: 100 }, (_, i) => i % 10) });
const stream = await streamImagesAndLabels({ images, labels, name: "mine", classes: 10 });
const net = network({ inputs: 64, encoder: rate(), steps: 5, layers: [dense(10, snu())] });
console.log((await evaluate(net, stream)).samples); // 100
// A source of one's own: `read` returns the samples with these indices as a data set in memory.
const own = streamedDataset({ name: "own", count: 40, pixels: 64, classes: 10, read: (indices) => stream.read(indices) });
console.log((await evaluate(net, own)).samples); // 40
await rm(folder, { recursive: true });
