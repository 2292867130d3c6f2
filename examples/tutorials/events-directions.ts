import { writeFile } from "node:fs/promises";
import {
  adam,
  convolution,
  dense,
  direct,
  type Events,
  eventDataset,
  flatten,
  maxPool,
  network,
  snu,
  train,
} from "spikevine";
import { learningCurves } from "spikevine/plots";

// A camera of 16 x 16 pixels sees a short bar that moves right, left, down or up. Every pixel that the bar reaches sends an
// event, and one event in five is noise.
let state = 1;
const random = () => {
  state = (1_103_515_245 * state + 12_345) % 2_147_483_648;
  return state / 2_147_483_648;
};
function recording(direction: number): Events {
  const [start, row] = [Math.floor(4 * random()), 2 + Math.floor(10 * random())];
  const events = Array.from({ length: 60 }, (_, i) => {
    const step = Math.floor(i / 5);
    const along = direction % 2 === 0 ? start + step : 15 - start - step;
    const [x, y] = direction < 2 ? [along, row + (i % 5) - 1] : [row + (i % 5) - 1, along];
    const noise = random() < 0.2;
    return { x: noise ? Math.floor(16 * random()) : x, y: noise ? Math.floor(16 * random()) : y, t: 1000 * i };
  });
  const column = (name: "x" | "y") => Uint16Array.from(events, (event) => event[name]);
  return { x: column("x"), y: column("y"), t: Uint32Array.from(events, ({ t }) => t) };
}
const recordings = (count: number) => {
  const labels = Array.from({ length: count }, (_, i) => i % 4);
  return eventDataset({ events: labels.map(recording), shape: [1, 16, 16], bin: "10 ms", labels });
};
const [data, test] = [recordings(2000), recordings(400)];

const curves = [];
for (const recurrent of [true, false]) {
  const name = recurrent ? "recurrent" : "feed-forward";
  const hidden = dense(recurrent ? 32 : 64, snu(), { recurrent });
  const layers = [convolution(8, 5, snu()), maxPool(2), flatten(), hidden, dense(4, snu())];
  const net = network({ inputs: [1, 16, 16], steps: 6, dt: "10 ms", data, encoder: direct(), layers, seed: 1 });
  const [epochs, accuracy]: [number[], number[]] = [[], []];
  await train(net, {
    data,
    validation: test,
    epochs: 5,
    optimizer: adam(),
    onEpoch: ({ epoch, validation }) => {
      epochs.push(epoch);
      accuracy.push(validation!.accuracy);
    },
  });
  curves.push({ name, epochs, accuracy });
  console.log(`${name}: ${accuracy.map((value) => (100 * value).toFixed(1)).join("  ")} %`);
}
await writeFile("events-directions.svg", learningCurves({ title: "Which way does the bar move?", curves }));
