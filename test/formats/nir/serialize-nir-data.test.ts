import { describe, expect, it } from "vitest";
import { convolution, dense, type Layer } from "#spikevine/networks/index";
import { leaky, li, lif } from "#spikevine/neurons/index";
import { serializeNirData } from "#spikevine/src/formats/index";
import { type Dataset, dataset, direct, network, record } from "#spikevine/src/index";
import { withHdf5 } from "#spikevine/src/io/hdf5/read";
import { hasH5py, readWithH5py } from "../../io/hdf5/h5py.js";

const STEPS = 6;

function recorded(inputs: number | [number, number, number], layers: Layer[], images: Dataset) {
  const net = network({ inputs, encoder: direct(), steps: STEPS, dt: "0.5 ms", layers, seed: 3 });
  return record(net, images, { device: "reference" }).then((recording) => ({ net, recording }));
}

describe("serializeNirData", () => {
  const image = [2, 3, 4] as const;
  const pixels = Float32Array.from({ length: 2 * 24 }, (_, i) => ((i * 7) % 5) / 2);
  const images = dataset({ images: pixels, shape: [2, 3, 4], labels: [0, 1], classes: 2 });

  it("has spikes and states of every layer, neurons with their channels first", async () => {
    const layers = [convolution(3, 2, leaky({ beta: 0.5 })), dense(2, li())] as Layer[];
    const { net, recording } = await recorded([...image], layers, images);
    const bytes = await serializeNirData(net, recording);
    await withHdf5(bytes, "a.h5", async (file) => {
      expect(await file.attribute([], "__type__")).toBe("NIRGraphData");
      expect([...(await file.names(["nodes"]))].sort()).toEqual(["input", "layer1_neurons", "layer2_neurons"]);
      const at = (node: string, name: string) => ["nodes", node, "observables", name];
      expect(await file.attribute(["nodes", "layer1_neurons"], "__type__")).toBe("NIRNodeData");
      expect(await file.attribute(at("layer1_neurons", "spikes"), "__type__")).toBe("TimeGriddedData");
      expect(await file.attribute(at("layer1_neurons", "v"), "dt")).toBe(0.0005);
      const spikes = await file.read([...at("layer1_neurons", "spikes"), "data"]);
      const v = await file.read([...at("layer1_neurons", "v"), "data"]);
      expect([spikes.shape, v.shape]).toEqual([
        [2, STEPS, 18],
        [2, STEPS, 18],
      ]);
      const { output, states } = recording.layers[0]!;
      expect(output.some((y) => y === 1)).toBe(true);
      for (let row = 0; row < 2 * STEPS; row++) {
        for (let pixel = 0; pixel < 6; pixel++) {
          for (let channel = 0; channel < 3; channel++) {
            const [here, there] = [row * 18 + pixel * 3 + channel, row * 18 + channel * 6 + pixel];
            expect(spikes.values[there]).toBe(output[here]);
            expect(v.values[there]).toBe(states.v![here]);
          }
        }
      }
      const graded = await file.read([...at("layer2_neurons", "output"), "data"]);
      expect([...(graded.values as Float32Array)]).toEqual([...recording.layers[1]!.output]);
      expect((await file.read([...at("input", "input"), "data"])).shape).toEqual([2, 1, 24]);
    });
  });

  it("writes potentials in volts, and only the layers that are given", async () => {
    const neuron = lif({ threshold: "-52 mV", rest: "-70 mV" });
    const { net, recording } = await recorded(24, [dense(3, neuron), dense(2, neuron)], images);
    const bytes = await serializeNirData(net, { ...recording, layers: recording.layers.slice(1) });
    await withHdf5(bytes, "a.h5", async (file) => {
      expect([...(await file.names(["nodes"]))].sort()).toEqual(["input", "layer2_neurons"]);
      const { values } = await file.read(["nodes", "layer2_neurons", "observables", "v", "data"]);
      expect(values[0]).toBeCloseTo(recording.layers[1]!.states.v![0]! / 1000, 8);
    });
  });

  it("refuses the recording of another network", async () => {
    const first = await recorded(24, [dense(3, leaky())], images);
    const second = await recorded(24, [dense(4, leaky()), dense(2, leaky())], images);
    await expect(serializeNirData(first.net, second.recording)).rejects.toThrow(
      "the recording has a layer layer2 of 2 units that the network does not have",
    );
  });

  it.skipIf(!hasH5py)("is read by h5py with every value equal", async () => {
    const { net, recording } = await recorded(24, [dense(3, leaky())], images);
    const found = readWithH5py(await serializeNirData(net, recording));
    expect(found["@__type__"]).toBe("NIRGraphData");
    expect(found["nodes/layer1_neurons/observables/spikes@dt"]).toBe(0.0005);
    const { values, type } = found["nodes/layer1_neurons/observables/spikes/data"] as {
      values: number[][][];
      type: string;
    };
    expect(type).toBe("u1");
    expect(values.flat(2)).toEqual([...recording.layers[0]!.output]);
  });
});
