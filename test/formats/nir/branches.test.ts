import { expect, it } from "vitest";
import { loadNir, type NirOptions, serializeNir } from "#spikevine/src/formats/index";
import { dense, direct, lif, network, openStream, record, residual } from "#spikevine/src/index";
import { type Hdf5Group, type Hdf5Values, serializeHdf5 } from "#spikevine/src/io/hdf5/write";

const text = (value: string): Hdf5Values => ({ shape: [], values: [value] });
const numbers = (...values: number[]): Hdf5Values => ({ shape: [values.length], values: Float32Array.from(values) });
const node = (type: string, fields: Record<string, Hdf5Values> = {}): Hdf5Group => ({
  members: new Map([["type", text(type)], ...Object.entries(fields)]),
});
const linear = (...weights: number[]): Hdf5Group =>
  node("Linear", { weight: { shape: [2, 2], values: Float32Array.from(weights) } });
/** A file whose edges are given as ways: "input a n output". */
const file = (nodes: Record<string, Hdf5Group>, ...ways: string[]): Promise<Uint8Array> => {
  const edges = ways.flatMap((way) => {
    const names = way.split(" ");
    return names.slice(1).map((to, i) => [names[i]!, to]);
  });
  const graph: Hdf5Group = {
    members: new Map<string, Hdf5Group | Hdf5Values>([
      ["type", text("NIRGraph")],
      ["nodes", { members: new Map(Object.entries(nodes)) }],
      ["edges", { shape: [edges.length, 2], values: edges.flat() }],
    ]),
  };
  return serializeHdf5({ members: new Map<string, Hdf5Group | Hdf5Values>([["node", graph]]) });
};
const port = { shape: numbers(2) };
const ports = { input: node("Input", port), output: node("Output", port) };
/** Integrates its input: the sum of all inputs so far, with steps of 1 s. */
const integrator = node("I", { r: numbers(1, 1) });
const euler = { dt: "1 s", steps: 5, preset: "norse" } satisfies NirOptions;

async function outputs(bytes: Uint8Array, inputs: readonly number[][]): Promise<number[][]> {
  const stream = await openStream(await loadNir(bytes, euler), { device: "reference" });
  const found: number[][] = [];
  for (const input of inputs) found.push([...(await stream.step(input)).output]);
  await stream.close();
  return found;
}

const A = linear(1, 2, 3, 4);
const B = linear(0, 1, -1, 0);

it("sums branches: maps, the node itself, and several edges between two nodes", async () => {
  const nodes = { ...ports, a: A, b: B, n: integrator };
  // a: (5, 11), b: (2, -1), the input itself: (1, 2)
  expect(await outputs(await file(nodes, "input a n output", "input b n", "input n"), [[1, 2]])).toEqual([[8, 12]]);
  expect(await outputs(await file({ ...ports, n: integrator }, "input n output", "input n"), [[1, 2]])).toEqual([
    [2, 4],
  ]);
});

it("sums branches inside branches, also where they end at one node", async () => {
  const [c, d] = [linear(1, 0, 0, 2), linear(0, 0, 1, 1)];
  const nodes = { ...ports, a: A, b: B, c, d, n: integrator };
  // a: (5, 11); b of a: (11, -5), c of a: (5, 22), d of the input: (0, 3)
  expect(await outputs(await file(nodes, "input a b n output", "a c n", "input d n"), [[1, 2]])).toEqual([[16, 20]]);
  // b of a plus c of a: (16, 17), and d of that: (0, 33), plus a: (5, 44)
  expect(await outputs(await file(nodes, "input a b d n output", "a c d", "a n"), [[1, 2]])).toEqual([[5, 44]]);
});

it("sums branches into neurons with recurrent weights, and branches that are outputs", async () => {
  const n = node("IF", { r: numbers(1, 1), v_threshold: numbers(1, 1) });
  const nodes = { ...ports, a: A, b: B, n, rec: linear(0, 0, 4, 0) };
  const bytes = await file(nodes, "input a n output", "input b n rec n");
  // Inputs (2, 0) at the first step: a (2, 6), b (0, -2); the spike of unit 0 excites unit 1 one step later.
  expect(
    await outputs(bytes, [
      [2, 0],
      [0, 0],
      [0, 0],
    ]),
  ).toEqual([
    [1, 1],
    [0, 1],
    [0, 0],
  ]);
  const two = { ...ports, a: A, b: B, n: integrator, m: integrator };
  expect(await outputs(await file(two, "input a n output", "input b m output"), [[1, 2]])).toEqual([[7, 10]]);
});

it("gives back a network of residual layers", async () => {
  const fast = lif({ tau: "5 ms" });
  const layers = [residual([dense(6, fast), dense(6)], []), fast, dense(2, fast)];
  const given = network({ inputs: 6, encoder: direct(), steps: 12, layers });
  for (const { data } of given.parameters.values())
    data.forEach((_, i) => {
      data[i] = 1.5 + Math.sin(i + 1);
    });
  const { bytes, options } = await serializeNir(given);
  const read = await loadNir(bytes, options);
  const input = Float32Array.of(0.9, 0.2, 1, 0.5, 0, 0.7);
  const spikes = async (of: typeof given) =>
    (await record(of, input, { device: "reference" })).layers.map(({ output }) => [...output].join(""));
  const expected = await spikes(given);
  expect(expected.at(-1)).toContain("1");
  expect(await spikes(read)).toEqual(expected);
});

it("refuses branches that meet otherwise, loops, and sums of units in different orders", async () => {
  const nodes = { ...ports, a: A, b: B, c: A, d: B, n: integrator };
  const refused = async (bytes: Promise<Uint8Array>) =>
    loadNir(await bytes, euler).then(
      () => "nothing",
      (error: Error) => error.message,
    );
  // a goes to c and d, b to d only.
  expect(await refused(file(nodes, "input a c n output", "a d n", "input b d"))).toMatch(
    /^NIR: "model\.nir" has branches from a that are not summed at one node, but at n and at d; give branches that/,
  );
  const { c: _, d: __, ...three } = nodes;
  expect(await refused(file(three, "input a b n output", "n a"))).toMatch(/has a loop through a; give loops through/);
  expect(await refused(file(three, "input a n output", "b n"))).toMatch(
    /has 2 edges into n, 1 of them from the branches before it; give branches/,
  );
  expect(await refused(file(three, "input a n output", "input b"))).toMatch(/has 0 edges from b/);
  const image = { shape: numbers(2, 2, 2) };
  const rows = { shape: numbers(8) };
  const weight = { shape: [8, 8], values: new Float32Array(64).fill(1) };
  const flattened = {
    ...{
      input: node("Input", image),
      output: node("Output", rows),
      flat: node("Flatten"),
      a: node("Linear", { weight }),
    },
    n: node("I", { r: numbers(1, 1, 1, 1, 1, 1, 1, 1) }),
  };
  expect(await refused(file(flattened, "input flat a n output", "flat n"))).toMatch(
    /adds a flattened image to other units; put a Flatten after the sum/,
  );
});
