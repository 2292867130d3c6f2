import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bioAdam, type TrainingOptions, train } from "spikevine";
import { describe, expect, it } from "vitest";
import { resnet } from "#spikevine/examples/bio-adam/resnet";
import { checkpointed, readSnapshot } from "#spikevine/examples/checkpointed";
import { colouredDigits } from "#spikevine/examples/coloured-digits";

const { train: data } = colouredDigits({ train: 24, test: 1 });
const optimizer = bioAdam({ learningRate: 1e-3, predisposition: { temperature: 5 } });
const trained = async (epochs: number, more: Partial<TrainingOptions>) => {
  const net = resnet({ groups: [4], blocks: 1 }, [3, 32, 32], 1);
  const options = { data, epochs, batchSize: 8, optimizer, credit: "predisposition", threads: 1, ...more } as const;
  return { reports: (await train(net, options)).epochs, weights: [...net.parameters].map(([, array]) => array.data) };
};

describe("checkpointed", () => {
  it("continues a residual network with feedback weights bit by bit, and has the figures of all epochs", async () => {
    const folder = await mkdtemp(join(tmpdir(), "spikevine-checkpointed-"));
    try {
      const path = join(folder, "a.safetensors");
      expect(await readSnapshot(path)).toBeUndefined();
      await trained(1, await checkpointed(path));
      const continued = await trained(2, await checkpointed(path));
      const whole = await trained(2, {});
      expect(continued.weights).toEqual(whole.weights);
      const figures = ({ reports }: typeof whole) => reports.map(({ loss, symmetry }) => ({ loss, symmetry }));
      expect(figures(continued)).toEqual(figures(whole));
      expect((await readSnapshot(path))!.progress.reports).toHaveLength(2);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
