import { describe, expect, test } from "vitest";
import { encoders } from "#spikevine/encoders/index";
import { draws, type EncodeRun, encodeOnHost } from "#spikevine/src/device/host/index";
import { drawUniform, rowKey } from "#spikevine/src/random/counter";
import { identities, numbers } from "../conformance/case.js";
import { bernoulli, constantCurrent, latency } from "../conformance/kernels.js";

const WIDTH = 40;
const RUN: EncodeRun = {
  samples: 3,
  steps: 6,
  width: WIDTH,
  stream: 2,
  seed: 8,
  epoch: 1,
  firstStep: 12,
  inTime: false,
  sampleIds: identities(3, 8),
};
const PIXELS = numbers(3 * WIDTH, 8, "pixels", -1, 1).map((x) => Math.max(x, 0));

function encode(encoder: Parameters<typeof encodeOnHost>[0]): Float32Array {
  const to = new Float32Array(RUN.samples * (encoder.static ? 1 : RUN.steps) * WIDTH);
  encodeOnHost(encoder)(RUN, PIXELS, to);
  return to;
}

test("every draw is keyed by its index", () => {
  const spikes = encode(bernoulli(0.7));
  for (let sample = 0; sample < 3; sample++) {
    for (let row = 0; row < RUN.steps; row++) {
      const key = rowKey(8, 2, 1, RUN.sampleIds![sample]!, 12 + row);
      for (let unit = 0; unit < WIDTH; unit++) {
        const probability = Math.fround(PIXELS[sample * WIDTH + unit]! * Math.fround(0.7));
        const fires = drawUniform(key, unit) < probability ? 1 : 0;
        expect(spikes[(sample * RUN.steps + row) * WIDTH + unit]).toBe(fires);
      }
    }
  }
});

describe("pixels of 0 may be skipped if that changes nothing", () => {
  test.each(Object.entries(encoders))("%s", (_, make) => {
    const encoder = make().kernel({ dt: 1 });
    expect(encode(encoder)).toEqual(encode({ ...encoder, zeroIsSilent: false }));
  });
});

test("a static encoder writes one row a sample", () => {
  expect(encode(constantCurrent())).toEqual(PIXELS);
});

test("only encoders that use u draw", () => {
  expect(draws(bernoulli(0.5))).toBe(true);
  expect(draws(latency(5))).toBe(false);
});
