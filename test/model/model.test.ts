import { execFile } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { constantCurrent, defineEncoder, latency, rate } from "#spikevine/encoders/index";
import { dense, lastState, type Network, network } from "#spikevine/networks/index";
import { defineNeuron, li, lif, neurons, rk4, snu, triangle } from "#spikevine/neurons/index";
import { SpikevineError } from "#spikevine/src/errors";
import { readSafetensors, writeSafetensors } from "#spikevine/src/io/index";
import { buildModel, describeModel, fingerprints, loadModel, saveModel } from "#spikevine/src/model/index";
import { record } from "#spikevine/src/training/index";
import { mutatedJson } from "../robustness/fuzz/mutate.js";

const path = async (): Promise<string> => join(await mkdtemp(join(tmpdir(), "spikevine-model-")), "model.safetensors");

/** A neuron and an encoder that are in no registry, with changed parameters, surrogate and variants. */
const own = (): Network =>
  network({
    inputs: 10,
    encoder: defineEncoder({
      name: "blink",
      summary: "fires at every second step",
      source: "this test",
      parameters: { threshold: { value: 0.2, summary: "" } },
      spike: "x - threshold - (t / 2 - floor(t / 2))",
    }).with({ threshold: 0.1 }),
    steps: 4,
    dt: "0.5 ms",
    layers: [
      dense(6, lif({ tau: "15 ms", reset: "soft", surrogate: triangle({ width: 0.7 }) }), {
        recurrent: true,
        bias: true,
      }),
      dense(5, snu({ decay: 0.7, activation: "leakyRelu" }), { trainable: { decay: "layer" } }),
      dense(
        3,
        defineNeuron({
          name: "mine",
          summary: "a leaky unit",
          source: "this test",
          input: { symbol: "I", unit: "mV" },
          states: { v: { unit: "mV", initial: "rest", summary: "" } },
          parameters: {
            tau: { value: "5 ms", min: 0, exclusiveMin: true, summary: "" },
            rest: { value: "-1 mV", summary: "" },
          },
          dynamics: { v: "(rest - v + I) / tau" },
          output: "v / rest",
          integrator: rk4,
        }).with({ parameters: { tau: "7 ms" } }),
      ),
    ],
    readout: lastState("v"),
    seed: 4,
  });

describe("a model file", () => {
  it("opens in a process that did not build it, with definitions that are in no registry", async () => {
    const net = own();
    for (const { data } of net.parameters.values())
      data.forEach((value, i) => {
        data[i] = value + i / 100;
      });
    const file = await path();
    await saveModel(file, net);
    const child = fileURLToPath(new URL("./children/open-elsewhere.mjs", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [child, file]);
    const image = Float32Array.from({ length: 10 }, (_, i) => (i % 5) / 5);
    const { readout, layers } = await record(net, image, { device: "reference", steps: 7 });
    expect(JSON.parse(stdout)).toEqual({ readout: [...readout], fired: layers.map(({ output }) => [...output]) });
  }, 180_000);

  it("describes every neuron and encoder identically", () => {
    for (const neuron of Object.values(neurons)) {
      for (const encoder of [rate({ maxRate: 0.5 }), latency(), constantCurrent()]) {
        const net = network({ inputs: 3, encoder, steps: 2, layers: [dense(2, neuron())] });
        const again = buildModel(JSON.parse(JSON.stringify(describeModel(net, "1.2.3"))));
        expect(fingerprints(again)).toEqual(fingerprints(net));
        expect(again.dt).toBe(net.dt);
      }
    }
  });

  it("is refused if a definition computes other values here", async () => {
    const file = await path();
    await saveModel(file, own());
    const { tensors, metadata } = await readSafetensors(file);
    const changes: [string, string, RegExp][] = [
      ["(rest - v + I) / tau", "(rest - v + 2 * I) / tau", /layer3 \(neurons\/mine\)/],
      ['"tau":"7 ms"', '"tau":"8 ms"', /layer3 \(neurons\/mine\)/],
      ['"rk4"', '"forwardEuler"', /layer3 \(neurons\/mine\)/],
      ['"threshold":"0.1"', '"threshold":"0.3"', /encoder \(encoders\/blink\)/],
    ];
    for (const [from, to, message] of changes) {
      const text = metadata.get("model")!;
      expect(text).toContain(from);
      await writeSafetensors(file, tensors, new Map([["model", text.replace(from, to)]]));
      const opening = loadModel(file);
      await expect(opening).rejects.toThrow(message);
      await expect(opening).rejects.toThrow(
        /would compute other values here than where it was saved; open it with Spikevine \d/,
      );
    }
  });

  it("is refused in words if definitions, arrays or meaning are missing", async () => {
    const file = await path();
    await saveModel(file, own());
    const { tensors, metadata } = await readSafetensors(file);
    const cases: [ReadonlyMap<string, string>, RegExp][] = [
      [new Map(), /holds no definitions/],
      [new Map([["model", "{"]]), /not JSON/],
      [new Map([["model", "{}"]]), /is not a model of this version/],
      [
        new Map([["model", metadata.get("model")!.replace('"neuron":0', '"neuron":9')]]),
        /neuron 9, but the file has 3/,
      ],
      [new Map([["model", metadata.get("model")!.replace('"rk4"', '"__proto__"')]]), /unknown integrator "__proto__"/],
    ];
    for (const [changed, message] of cases) {
      await writeSafetensors(file, tensors, changed);
      await expect(loadModel(file)).rejects.toThrow(message);
    }
    const without = new Map([...tensors].filter(([name]) => name !== "layer2.weights"));
    await writeSafetensors(file, without, metadata);
    await expect(loadModel(file)).rejects.toThrow(/layer2\.weights should be \[6, 5\] of float32 but is no such array/);
  });

  it("with sizes that its arrays do not have is refused before a network takes memory", async () => {
    const file = await path();
    await saveModel(file, own());
    const { tensors, metadata } = await readSafetensors(file);
    const description = JSON.parse(metadata.get("model")!);
    // Weights of 4 TiB: drawing them would end the process.
    description.layers[1].units = 2 ** 20;
    description.layers[2].units = 2 ** 20;
    await writeSafetensors(file, tensors, new Map([["model", JSON.stringify(description)]]));
    await expect(loadModel(file)).rejects.toThrow(
      /layer2\.weights should be \[6, 1048576\] of float32 but is \[6, 5\]/,
    );
  });

  it("cannot hold an integrator that is custom code", () => {
    const custom = { ...lif().integrator, name: "mine" } as never;
    const net = network({
      inputs: 2,
      encoder: rate(),
      steps: 1,
      layers: [dense(2, li().with({ integrator: custom }))],
    });
    expect(() => describeModel(net, "0")).toThrow(/the integrator "mine" cannot be saved/);
  });

  it("of any content is opened, or refused in words (500 cases)", async () => {
    const description = JSON.parse(JSON.stringify(describeModel(own(), "0")));
    await fc.assert(
      fc.property(mutatedJson(description), (value) => {
        try {
          buildModel(value);
        } catch (error) {
          if (!(error instanceof SpikevineError)) throw error;
        }
        expect(globalThis).not.toHaveProperty("hacked");
      }),
      { numRuns: Number(process.env.SPIKEVINE_FUZZ_CASES ?? 500), seed: 6 },
    );
  }, 600_000);
});
