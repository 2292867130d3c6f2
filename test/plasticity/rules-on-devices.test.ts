import { describe, expect, it } from "vitest";
import { bioAdam, type OptimizerDefinition, optimizers } from "#spikevine/plasticity/index";
import type { Device } from "#spikevine/src/device/contract";
import { openDevice } from "#spikevine/src/device/index";
import { referenceDevice } from "#spikevine/src/device/reference/index";
import { drawUniform, rowKey } from "#spikevine/src/random/counter";
import { rulePlan } from "../device/conformance/rule-plan.js";

const ROWS = 5;
const COLUMNS = 9;
const uniform = (purpose: number): Float32Array =>
  Float32Array.from({ length: ROWS * COLUMNS }, (_, i) => 2 * drawUniform(rowKey(7, purpose), i) - 1);

/** The weights after each of ten updates by gradients that differ in size by a thousand. */
async function weights(device: Device, rule: OptimizerDefinition): Promise<Float32Array[]> {
  const { kernel, uniforms } = rule.compile();
  const program = await device.compile(rulePlan(kernel, { rows: ROWS, columns: COLUMNS }));
  await program.writeTensor("w", uniform(0));
  for (const state of kernel.states) {
    await program.writeTensor(state, new Float32Array(ROWS * COLUMNS).fill(rule.states[state]!.initial));
  }
  const after: Float32Array[] = [];
  for (let k = 1; k <= 10; k++) {
    await program.writeTensor(
      "g",
      uniform(k).map((g, i) => g * 10 ** -(i % 4)),
    );
    await program.run("update", { samples: 1, scalars: uniforms(k) });
    after.push(await program.readTensor("w"));
  }
  await program.dispose();
  return after;
}

const rules: Record<string, OptimizerDefinition> = {
  ...optimizers,
  "bio-adam, exact": bioAdam({ integrator: "exact", rhoRest: 1e5, learningRate: 1e-3 }),
  "bio-adam, exact, every 20": bioAdam({ integrator: "exact", interval: 20, rhoRest: 1e5, learningRate: 1e-3 }),
  "bio-adam, forward Euler": bioAdam({ integrator: "forward-euler", rhoRest: 100, learningRate: 1e-2 }),
  "bio-adam, predisposition": bioAdam({
    rhoRest: 1e5,
    learningRate: 1e-2,
    predisposition: { temperature: 0.2, pathLength: true },
  }),
};

describe.each(["simd", "gpujs:cpu", "gpujs:webasm"])("on %s, against double precision", (name) => {
  it.each(Object.entries(rules))("%s", async (_, rule) => {
    const exact = await referenceDevice({ precision: "double" });
    const { device } = await openDevice(name, { threads: 1 });
    try {
      const want = await weights(exact, rule);
      const got = await weights(device, rule);
      want.forEach((values, k) => {
        values.forEach((w, i) => {
          expect(Math.abs(got[k]![i]! - w)).toBeLessThan(2e-6 * (1 + Math.abs(w)));
        });
      });
    } finally {
      await device.dispose();
    }
  });
});
