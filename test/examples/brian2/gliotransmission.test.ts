import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Figures of Brian2 2.5.1: what each synapse releases, and the calcium of the astrocytes.
it("gliotransmission: the releases and the states of Brian2", { timeout: 60_000 }, async () => {
  const { rows, svg } = await runPort("gliotransmission");
  expect(rows).toEqual([
    "| 0 | 0.6 0.367136 0.162926 0.0198272 0.0197931 | 0 | 0.504454 | 0.328628 |",
    "| 1 | 0.139179 0.210458 0.146199 0.0266256 0.0202244 | 0.768041 | 0.393657 | 0.332542 |",
    "| 2 | 0.0451491 0.0785253 0.10501 0.0721754 0.029327 | 0.924759 | 0.207027 | 0.357685 |",
    "| 0 | 2084 | 0.0431767 | 0.830511 | 0.916421 | 0.999927 |",
    "| 1 | 1058 10341 | 0.409484 | 0.585284 | 1.17017 | 0.989581 |",
  ]);
  expect(svg).toContain("fraction released");
});
