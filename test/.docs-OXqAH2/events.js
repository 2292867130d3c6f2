// events.ts
import { eventDataset } from "spikevine";
// One recording: three events of a sensor of 4 x 4 pixels with two polarities. Times are microseconds.
const recording = {
    x: Uint16Array.of(0, 3, 3),
    y: Uint16Array.of(1, 2, 2),
    p: Uint8Array.of(1, 0, 0),
    t: Uint32Array.of(200, 1500, 1900),
};
const data = eventDataset({ events: [recording], shape: [2, 4, 4], bin: "1 ms", labels: [0] });
console.log(data.pixels, data.series?.steps); // 32 2
