import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inChromium, trainAndRead } from "./studio-page.js";

const run = promisify(execFile);

/** A folder inside the repository, where `import "spikevine"` finds this package. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(fileURLToPath(new URL(".", import.meta.url)), ".code-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

inChromium("as code", (studio) => {
  const scriptOf = async (hash: string): Promise<string> => {
    const page = await studio.open(hash);
    await page.getByRole("button", { name: "As code" }).click();
    const code = (await page.getByRole("region", { name: "Script" }).textContent())!;
    await page.context().close();
    return code;
  };
  const outputOf = async (code: string): Promise<string> => {
    const file = join(folder, `script-${Math.floor(performance.now())}.mjs`);
    await writeFile(file, code);
    return (await run(process.execPath, [file])).stdout;
  };

  test("the script of a training has the accuracy of the page", async () => {
    const hash =
      "#/train?train.samples=600&train.hidden=32&train.epochs=1&train.grapes=local&train.neuron=lif&train.seed=5";
    const page = await studio.open(hash);
    const shown = await trainAndRead(page);
    await page.context().close();
    const printed = /test accuracy ([\d.]+)/.exec(await outputOf(await scriptOf(hash)));
    expect((100 * Number(printed![1])).toFixed(1)).toBe(shown.toFixed(1));
  });

  test("the text of a neuron is the same in Node, with the same spikes", async () => {
    const page = await studio.open("#/neuron?neuron.shape=ramp");
    const shown = Number.parseInt((await page.getByText(/\d+ spikes?\. Scheme/).textContent())!, 10);
    await page.context().close();
    const printed = await outputOf(await scriptOf("#/neuron?neuron.shape=ramp"));
    const times = /spikes at (.*) ms/.exec(printed)![1]!.split(", ");
    expect(times).toHaveLength(shown);
    expect(shown).toBeGreaterThan(1);
  });

  test("the scripts of the other views run", async () => {
    expect(await outputOf(await scriptOf("#/synapse?synapse.pairs=2"))).toMatch(/lag 0 ms: change 0\.01/);
    const network = "network.size=200&network.duration=50&network.inputs=40";
    expect(await outputOf(await scriptOf(`#/network?${network}`))).toMatch(/excitatory [\d.]+ Hz/);
    expect(await outputOf(await scriptOf(`#/network?network.model=stdp&${network}`))).toMatch(
      /weights below a fifth: \d+/,
    );
    expect(await outputOf(await scriptOf("#/runs"))).toBe("");
  });
});
