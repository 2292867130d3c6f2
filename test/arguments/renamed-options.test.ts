import { describe, expect, it } from "vitest";
import { RENAMED_OPTIONS } from "#spikevine/src/arguments/renamed-options";
import { SpikevineError } from "#spikevine/src/errors";
import { bioAdam, dataset, dense, network, rate, sgd, snu, train } from "#spikevine/src/index";
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
  perUnit: [
    'input of population "cells"',
    (options) => sim.input(cells, { array: [1], dt: "1 ms", ...options } as never),
  ],
  travel: ["plasticity/bio-adam", (options) => bioAdam({ predisposition: { temperature: 1, ...options } as never })],
};

describe("an option with an old name", () => {
  it.each([...RENAMED_OPTIONS])("%s is refused with its new name, %s", async (was, is) => {
    const [where, call] = CALLS[was]!;
    const failure = await (async () => call({ [was]: 1 }))().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SpikevineError);
    const { message } = failure as SpikevineError;
    expect(message).toMatch(/^[^:]+: (?:\w+: )?(?:\w+ has )?(?:unknown|no) (?:option|field) "/);
    expect(message.startsWith(`${where}: `), message).toBe(true);
    expect(message.endsWith(` "${was}"; it is called "${is}" now.`), message).toBe(true);
  });

  it("is one of those that the function has now: elsewhere the nearest name is given", () => {
    expect(() => network({ rule: sgd() } as never)).toThrow('network: unknown option "rule"; give inputs,');
  });
});
