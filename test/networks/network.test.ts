import { describe, expect, it } from "vitest";
import { rate } from "#spikevine/encoders/index";
import { dense, glorotUniform, heUniform, lastState, network } from "#spikevine/networks/index";
import { relu, snu } from "#spikevine/neurons/index";

const make = (options: Partial<Parameters<typeof network>[0]> = {}) =>
  network({ inputs: 30, encoder: rate(), steps: 5, layers: [dense(20, snu()), dense(10, snu())], ...options });

describe("network", () => {
  it("names and shapes its trained arrays", () => {
    const net = make({
      layers: [dense(20, snu(), { recurrent: true, bias: true, trainable: { decay: "layer" } }), dense(10, relu())],
    });
    const shapes = Object.fromEntries([...net.parameters].map(([name, { rows, columns }]) => [name, [rows, columns]]));
    expect(shapes).toEqual({
      "layer1.weights": [30, 20],
      "layer1.recurrent": [20, 20],
      "layer1.bias": [1, 20],
      "layer1.decay": [1, 1],
      "layer1.threshold": [1, 20],
      "layer2.weights": [20, 10],
    });
    expect(new Set(net.parameters.get("layer1.threshold")!.data)).toEqual(new Set([1]));
  });

  it("ends a question with its mark alone, and a statement with a full stop", () => {
    const message = (readout: string, trainable: Record<string, "layer">): string => {
      try {
        make({ layers: [dense(4, snu(), { trainable })], readout: lastState(readout) });
        return "";
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(message("s", { decai: "layer" })).toMatch(/did you mean "decay"\?$/);
    expect(message("s", { qqqqqqqqq: "layer" })).toMatch(/no parameter "qqqqqqqqq" to train\.$/);
    expect(message("ss", {})).toMatch(/did you mean "s"\?$/);
    expect(message("qqqqqqqqq", {})).toMatch(/but .* has s\.$/);
  });

  it("draws weights from the requested distribution, the same for the same seed", () => {
    for (const [initializer, limit] of [
      [glorotUniform, Math.sqrt(6 / 50)],
      [heUniform, Math.sqrt(6 / 30)],
    ] as const) {
      const draw = (seed: number) =>
        make({ seed, layers: [dense(20, snu(), { initializer })] }).parameters.get("layer1.weights")!.data;
      const weights = draw(1);
      const largest = weights.reduce((a, w) => Math.max(a, Math.abs(w)), 0);
      expect(largest).toBeLessThanOrEqual(Math.fround(limit));
      expect(largest).toBeGreaterThan(0.98 * limit);
      const variance = weights.reduce((sum, w) => sum + w * w, 0) / weights.length;
      expect(Math.abs(variance / (limit ** 2 / 3) - 1)).toBeLessThan(0.15);
      expect(draw(1)).toEqual(weights);
      expect(draw(2)).not.toEqual(weights);
    }
  });

  it("refuses invalid options, with the fix", () => {
    expect(() => make({ inputs: 0 })).toThrow(/inputs is 0/);
    expect(() => make({ steps: 2.5 })).toThrow(/steps is 2.5/);
    expect(() => make({ layers: [] })).toThrow(/layers is empty/);
    expect(() => make({ dt: "1 mV" })).toThrow(/dt/);
    expect(() => make({ seed: 0.5 })).toThrow(/seed is 0.5/);
    expect(() => make({ readout: lastState("v") })).toThrow(/state "v".*snu has s/);
    expect(() => dense(0, snu())).toThrow(/units is 0/);
    expect(() => dense(4, relu(), { dropout: 1 })).toThrow(/dropout is 1/);
    expect(() => dense(4, snu(), { trainable: { treshold: "unit" } })).toThrow(/did you mean "threshold"/);
  });
});
