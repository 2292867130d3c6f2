import { describe, expect, test } from "vitest";
import type { ErrorSource, Operation, Plan } from "#spikevine/src/device/contract";
import { checkPlan } from "#spikevine/src/device/host/index";
import { adaptive, bernoulli } from "../conformance/kernels.js";
import { networkCase } from "../conformance/network-case.js";
import { integrator, snu } from "../conformance/network-cases.js";

const { plan: GOOD } = networkCase("good", {
  seed: 1,
  inputs: 4,
  encoder: bernoulli(0.5),
  layers: [snu(3, { bias: true, factor: true }), integrator(2, { keep: 0.5, recurrent: true })],
  batch: 2,
  samples: 2,
  steps: 3,
  readout: "lastState",
  loss: "cross-entropy",
  reduction: "mean",
  updates: 1,
  rule: adaptive(),
  scalars: {},
  visible: false,
});

/** The good plan with the first operation of a kind changed. */
function broken<K extends Operation["op"]>(op: K, change: (operation: Extract<Operation, { op: K }>) => object): Plan {
  const train = GOOD.procedures.train!;
  const index = train.operations.findIndex((operation) => operation.op === op);
  const operation = train.operations[index] as Extract<Operation, { op: K }>;
  const operations = train.operations.with(index, { ...operation, ...change(operation) } as Operation);
  return { ...GOOD, procedures: { train: { ...train, operations } } };
}

/** The plan with the first source of its last layer's errors changed. */
const brokenSource = (change: Partial<ErrorSource>): Plan =>
  broken("adjointScan", ({ errors: [first, ...others] }) => ({ errors: [{ ...first!, ...change }, ...others] }));

function withoutTarget(): Plan {
  const { train } = GOOD.procedures as { train: Plan["procedures"][string] };
  const operations = train.operations.map((operation): Operation => {
    if (operation.op !== "loss") return operation;
    const { target: _, ...rest } = operation;
    return rest;
  });
  return { ...GOOD, procedures: { train: { ...train, operations } } };
}

test("a valid plan is accepted", () => {
  expect(() => checkPlan(GOOD)).not.toThrow();
});

describe("a plan is refused", () => {
  const cases: readonly (readonly [what: string, plan: Plan, message: RegExp])[] = [
    ["bias", broken("current", () => ({ bias: "l0.recurrent" })), /\(current\): no tensor "l0.recurrent"/],
    ["keep", broken("dropoutMask", () => ({ keep: 0 })), /\(dropoutMask\): keep is 0; give a probability above 0/],
    ["mask of spikes", broken("scan", () => ({ mask: "pixels" })), /"pixels" has width 4, needs 3/],
    ["stored", broken("adjointScan", () => ({ stored: {} })), /adjoint of hand-integrator needs the stored "now__a"/],
    ["of", brokenSource({ of: "now__c" }), /no error at "now__c"; write output, or one of now__a/],
    ["truncate", broken("adjointScan", () => ({ truncate: 0 })), /truncate is 0; give a number of steps from 1 up/],
    ["trained", broken("adjointScan", () => ({ parameterErrors: { tau: "l1.error" } })), /has no parameter "tau"/],
    ["no errors", broken("adjointScan", () => ({ errors: [] })), /errors is empty; give at least one/],
    ["at", brokenSource({ signal: "l1.now__a" }), /"l1.now__a" has rows steps, needs sample/],
    [
      "factor",
      broken("adjointScan", () => ({ factor: "l0.factor" })),
      /"l0.factor" has 3 columns, which do not divide 2/,
    ],
    ["delayed", broken("weightGradient", () => ({ from: "pixels", delayed: true })), /has rows sample, needs steps/],
    ["rule state", broken("update", () => ({ states: { m: "l0.weights.m" } })), /has a state "v", which is not bound/],
    ["rule uniform", broken("update", () => ({ uniforms: {} })), /rule adaptive needs the uniform "rate"/],
    ["rule factor", broken("update", () => ({ factor: undefined })), /rule adaptive needs a factor/],
    ["reduction", broken("reduce", () => ({ to: "l0.squares" })), /"l0.squares" is \[1, 1\], needs \[1, 3\]/],
    ["missing target", withoutTarget(), /loss [\w-]+ reads a target, but none is given/],
    ["divisor", broken("loss", () => ({ divisor: 0 })), /divisor is 0; give a number above 0/],
    [
      "rows of a loss",
      broken("loss", ({ loss }) => ({ loss: { ...loss, rows: "steps" as const } })),
      /"readout" has rows sample, needs steps/,
    ],
    ["target", broken("loss", () => ({ target: "readout" })), /"readout" has role result, needs input/],
    ["input written", broken("readout", () => ({ to: "target" })), /"target" is an input and cannot be written/],
    [
      "order",
      broken("inputGradient", () => ({ error: "l0.error" })),
      /is read, but no operation before has written it/,
    ],
  ];
  test.each(cases)("for its %s", (_, plan, message) => {
    expect(() => checkPlan(plan)).toThrow(message);
  });

  test("for a tensor without columns", () => {
    const tensors = { ...GOOD.tensors, empty: { rows: 1, columns: 0 } };
    expect(() => checkPlan({ ...GOOD, tensors })).toThrow('tensor "empty": columns is 0; it must be at least 1');
  });
});
