import { expect, it } from "vitest";
import { buildLoss } from "#spikevine/src/experiment/build-loss";
import { parseExperiment } from "#spikevine/src/experiment/parse";

it("a loss is read with its options, and losses are added up", () => {
  const [first, second, third] = buildLoss(
    "cross-entropy(of=rate, scale=10) + rate-bounds(upper=0.2, layers=layer1/layer2, weight=5)+l2-penalty(weight=1e-4)",
  );
  expect(first).toMatchObject({ loss: { name: "cross-entropy" }, weight: 1, of: { name: "rate" } });
  expect(first!.loss.parameters.scale!.value).toBe(10);
  expect(second).toMatchObject({ loss: { name: "rate-bounds" }, weight: 5, layers: ["layer1", "layer2"] });
  expect(second!.loss.parameters.upper!.value).toBe(0.2);
  expect(third).toMatchObject({ loss: { name: "l2-penalty" }, weight: 1e-4, layers: "all" });
});

it.each([
  ["count", { name: "count" }],
  ["output", { name: "everyOutput" }],
  ["v", { name: "everyState", state: "v" }],
  ["last-v", { name: "lastState", state: "v" }],
  ["last-output", { name: "lastOutput" }],
])("of=%s", (of, input) => {
  expect(buildLoss(`mean-squared-error(of=${of}, unit=1 mV)`)).toMatchObject([{ of: input, unit: "1 mV" }]);
});

it.each([
  ["cross-entropi", 'unknown loss "cross-entropi": did you mean "cross-entropy"?'],
  ["cross-entropy(scal=2)", '"scal"'],
  ["cross-entropy(scale=0)", 'losses/cross-entropy: "scale" is 0; give a number above 0.'],
  ["cross-entropy(2)", 'loss is "cross-entropy(2)"; give losses joined by " + "'],
  ["cross-entropy + ", "give losses joined by"],
  ["toString", 'unknown loss "toString"'],
])("%s is refused", (loss, message) => {
  expect(() => buildLoss(loss)).toThrow(message);
  expect(() => parseExperiment({ training: { loss } }, "file.json")).toThrow(/^file\.json: /);
});

it("the names of earlier files are still valid", () => {
  for (const loss of ["cross-entropy", "mean-squared-error"]) {
    expect(parseExperiment({ training: { loss } }).training.loss).toBe(loss);
  }
});
