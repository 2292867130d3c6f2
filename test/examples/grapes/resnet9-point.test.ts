import { sweepPoint } from "spikevine/sweep";
import { describe, expect, it } from "vitest";
import { resnet9, resnet9Point, storedRates } from "#spikevine/examples/grapes/resnet9-point";

const trained = ({ parameters }: ReturnType<typeof resnet9>): number =>
  [...parameters.values()].reduce((sum, { data, isStatistic }) => sum + (isStatistic ? 0 : data.length), 0);

const of = (more: Record<string, string | number>) =>
  resnet9Point(
    sweepPoint(
      {
        ...{ data: "coloured-digits", dataDir: null, train: 32, test: 10, batch: 8, epochs: 1, device: "auto" },
        ...{ version: "authors", method: "SGD", width: 1 / 32, learningRate: 1e-4, ...more },
      },
      1,
    ),
    { signal: new AbortController().signal, report: () => undefined },
  );

describe("ResNet9 of the authors' code", { timeout: 60_000 }, () => {
  it("has the weights of its eight convolutions and of its output, and no others", () => {
    // Of 3 x 3 windows: 3-64-128, 128-128 twice, 128-256-512, 512-512 twice; 512 x 10.
    const pairs = 3 * 64 + 64 * 128 + 2 * 128 * 128 + 128 * 256 + 256 * 512 + 2 * 512 * 512;
    const quarter = 9 * (3 * 16 + (pairs - 3 * 64) / 16) + 128 * 10;
    expect(trained(resnet9("authors", 1 / 4, 1))).toBe(quarter);
    // Normalization has a scale and an offset for each channel.
    const channels = (64 + 3 * 128 + 256 + 3 * 512) / 4;
    expect(trained(resnet9("clean", 1 / 4, 1))).toBe(quarter + 2 * channels);
  });

  it("takes steps of 2 / fan-in, since its weights are stored without a factor of sqrt(2 / fan-in)", () => {
    // 27 values of a window on 3 channels, 72 on 8; 64 units below the output.
    const rates = storedRates(resnet9("authors", 1 / 8, 1), 0.5);
    expect(rates).toMatchObject({ "layer2.weights": 1 / 27, "layer4.weights": 1 / 72 });
    expect(Object.values(rates)).toHaveLength(9);
    expect(Object.values(rates).at(-1)).toBe(1 / 64);
  });

  it("trains otherwise with each method", async () => {
    const [plain, raised, modulated] = [
      await of({}),
      await of({ method: "SGD, raised rate" }),
      await of({ method: "GRAPES" }),
    ];
    const losses = [plain, raised, modulated].map(({ curves }) => curves!.loss![0]!);
    for (const loss of losses) expect(loss).toBeGreaterThan(0);
    expect(new Set(losses).size).toBe(3);
  });
});
