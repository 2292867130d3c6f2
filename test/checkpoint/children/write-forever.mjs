// Writes checkpoint after checkpoint into the folder given, until it is killed, and tells of each that is written.
import { CheckpointStore } from "#spikevine/src/checkpoint/store";
import { stateNumber } from "./state-number.mjs";

const [folder, from] = process.argv.slice(2);
const run = {
  spikevine: "0.0.0",
  node: "20",
  device: { name: "reference", executor: "JavaScript" },
  experiment: {},
  experimentSha256: "0".repeat(64),
  data: {},
  definitions: {},
};
const store = new CheckpointStore(folder, 2);
for (let number = Number(from); ; number++) {
  await store.write(stateNumber(number), run);
  process.stdout.write(`${number}\n`);
}
