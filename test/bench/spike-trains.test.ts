import { describe, expect, test, vi } from "vitest";
import { densities } from "#spikevine/bench/densities";
import { packTrains, preparedTrains } from "#spikevine/bench/spike-trains";
import { workloadNamed } from "#spikevine/bench/workloads";
import { dense, network } from "#spikevine/networks/index";
import { lif } from "#spikevine/neurons/index";
import { record } from "#spikevine/src/training/record-activity";

vi.setConfig({ testTimeout: 60_000 });

describe("prepared spike trains", () => {
  const probabilities = Float32Array.of(0, 0.125, 0.5, 0.875, 1);
  const steps = 2000;

  test("fire as often as their pixel is bright, and never where it is black", async () => {
    const pixels = probabilities.length;
    const model = network({ inputs: pixels, encoder: preparedTrains, steps, layers: [dense(1, lif())] });
    const { input } = await record(model, packTrains(probabilities, pixels), { device: "simd" });
    for (const [i, p] of probabilities.entries()) {
      let spikes = 0;
      for (let t = 0; t < steps; t++) spikes += input[t * pixels + i]!;
      expect(Math.abs(spikes / steps - p)).toBeLessThan(0.01);
    }
  });

  test("differ from step to step, and let devices skip black pixels", () => {
    const kernel = preparedTrains.kernel({ dt: 1 });
    expect(kernel.static).toBe(false);
    expect(kernel.zeroIsSilent).toBe(true);
  });
});

describe("the workloads fire as densely as they should", () => {
  test.each(["a", "c"])("%s", async (name) => {
    for (const input of ["precomputed", "online"] as const) {
      const { input: pixels, layers } = await densities(workloadNamed(name), input);
      expect(pixels.firing).toBeGreaterThan(0.1);
      expect(pixels.firing).toBeLessThan(0.14);
      for (const { firing, deltas } of layers.slice(0, -1)) {
        expect(firing).toBeGreaterThan(0.13);
        expect(firing).toBeLessThan(0.2);
        expect(deltas).toBeLessThanOrEqual(firing);
      }
    }
  });
});
