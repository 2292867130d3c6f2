import { describe, expect, it } from "vitest";
import { RENAMED_OPTIONS } from "#spikevine/src/arguments/renamed-options";
import { dataset, dense, network, rate, sgd, snu, train } from "#spikevine/src/index";
import { simulation } from "#spikevine/src/simulation/index";

const data = dataset({ images: new Float32Array(4), labels: [0, 1] });
const net = network({ inputs: 2, encoder: rate(), steps: 1, layers: [dense(2, snu())] });
const training = { data, epochs: 1, optimizer: sgd() };
const sim = simulation();
const cells = sim.population("cells", 1, snu());

/** A call with each option that has another name now, and the function that its message names. */
const CALLS: Readonly<Record<string, readonly [where: string, call: (options: object) => unknown]>> = {
  ...Object.fromEntries(
    ["rule", "optimiser", "batch", "clip", "truncate", "redraw", "earlyStopping", "snapshots"].map((name) => [
      name,
      ["train", (options: object) => train(net, { ...training, ...options } as never)] as const,
    ]),
  ),
  train: ["dense", (options) => dense(1, snu(), options as never)],
  initialise: ["dense", (options) => dense(1, snu(), options as never)],
  units: ["monitor of a state", (options) => sim.monitor.state(cells, "v", options as never)],
  to: ["monitor of a state", (options) => sim.monitor.state(cells, "v", options as never)],
};

describe("an option with an old name", () => {
  it.each([...RENAMED_OPTIONS])("%s is refused with its new name, %s", async (was, is) => {
    const [where, call] = CALLS[was]!;
    await expect(async () => call({ [was]: 1 })).rejects.toThrow(
      `${where}: unknown option "${was}"; it is called "${is}" now.`,
    );
  });

  it("is one of those that the function has now: elsewhere the nearest name is given", () => {
    expect(() => network({ rule: sgd() } as never)).toThrow('network: unknown option "rule"; give inputs,');
  });
});
