import { describe, expect, it } from "vitest";
import { defineEncoder, type EncoderSpec } from "#spikevine/src/equations/definitions/encoder";
import { SpikevineError } from "#spikevine/src/errors";

const define = (equations: Partial<EncoderSpec>) =>
  defineEncoder({ name: "mine", summary: "test", source: "test", ...equations });

describe("the kernel derived from an encoder's equation", () => {
  it.each<[Partial<EncoderSpec>, boolean, boolean]>([
    [{ spike: "x - u" }, true, false],
    [{ spike: "x + 0.1 - u" }, false, false],
    [{ spike: "x - 0.5" }, true, true],
    [{ spike: "x > 0 ? 1 : t - 5" }, false, false],
    [{ spike: "x * (t + 1) - u" }, true, false],
    [{ current: "2 * x" }, true, true],
    [{ current: "x + 1" }, false, true],
    [{ current: "x * sin(t)" }, true, false],
    [{ current: "(x > 0) * u" }, true, false],
  ])("%o: silent at 0 %s, static %s", (equations, zeroIsSilent, isStatic) => {
    expect(define(equations).kernel({ dt: 1 })).toMatchObject({ zeroIsSilent, static: isStatic });
  });

  it("depends on the values of parameters", () => {
    const encoder = define({
      spike: "x + floor_rate - u",
      parameters: { floor_rate: { value: 0, summary: "rate at 0" } },
    });
    expect(encoder.kernel({ dt: 1 }).zeroIsSilent).toBe(true);
    expect(encoder.with({ floor_rate: 0.01 }).kernel({ dt: 1 }).zeroIsSilent).toBe(false);
  });

  it("keeps to the parameters that the equation uses, in internal units", () => {
    const parameters = { rate: { value: "1 kHz", summary: "rate" }, spare: { value: 3, summary: "unused" } };
    expect(define({ spike: "x * rate * dt - u", parameters }).kernel({ dt: "0.5 ms" }).parameters).toEqual({ rate: 1 });
  });
});

describe("errors in an encoder's specification", () => {
  it.each<[Partial<EncoderSpec>, string]>([
    [{}, "encoders/mine has neither spike nor current; give one."],
    [{ spike: "x", current: "x" }, "encoders/mine has both spike and current; give one."],
    [{ spike: "x - v" }, 'encoders/mine: in spike: unknown name "v"'],
    [{ spike: "x + dt" }, 'encoders/mine: in spike the term "dt" is in ms; every term must be without a unit.'],
    [{ current: "x + dt" }, 'encoders/mine: in current the term "dt" is in ms; every term must be without a unit.'],
    [{ spike: "x", parameters: { u: { value: 1, summary: "u" } } }, 'the name "u" is reserved'],
  ])("case %#", (equations, message) => {
    expect(() => define(equations)).toThrow(SpikevineError);
    expect(() => define(equations)).toThrow(message);
  });
});
