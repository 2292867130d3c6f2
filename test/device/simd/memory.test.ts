import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Trains networks of 1.9 million weights one after the other on one open device; prints the growth of memory in MB. */
const script = `
  import { constantCurrent, dense, lastOutput, linear, makeDigits, network, openDevice, relu, sgd, train } from "spikevine";
  const { device } = await openDevice("simd", { threads: 1 });
  const data = makeDigits({ train: 16, test: 1 }).train;
  const megabytes = () => (globalThis.gc(), process.memoryUsage().rss / 1e6);
  let start;
  for (let i = 0; i < 24; i++) {
    const layers = [dense(1024, relu()), dense(1024, relu()), dense(10, linear())];
    const net = network({ inputs: 784, encoder: constantCurrent(), steps: 1, layers, readout: lastOutput() });
    await train(net, { data, epochs: 1, optimizer: sgd(), device });
    if (i === 3) start = megabytes();
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
  console.log(megabytes() - start);
  await device.dispose();
`;

describe("memory of the simd device", () => {
  it("is given back by programs that are disposed of while the device stays open", () => {
    const flags = ["--expose-gc", "--input-type=module", "--eval", script];
    const grown = Number(execFileSync(process.execPath, flags, { cwd: root, encoding: "utf8" }));
    // A program needs about 23 MB; twenty leaked programs would need 460.
    expect(grown).toBeLessThan(150);
  }, 60_000);
});
