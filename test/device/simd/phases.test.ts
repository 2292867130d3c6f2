import { expect, test } from "vitest";
import { compilePlan } from "#spikevine/src/device/simd/compile/compile";
import { networkCases } from "../conformance/network-cases.js";
import { trainingCases } from "../conformance/training-cases.js";

// Otherwise the results of the forward pass would have left the cache before the backward pass, and would need memory for a whole batch.
test.each([...trainingCases(), ...networkCases()].map(({ name, plan }) => [name, plan] as const))(
  "samples go forward and back in one phase: %s",
  async (_, plan) => {
    const { image } = await compilePlan(plan, { threads: 1, shared: false });
    const parts = image.procedures.map(({ phases }) => phases.filter(({ axis }) => axis === "sample").length);
    expect(Math.max(...parts)).toBe(1);
  },
);
