import { expect, test } from "vitest";
import { openAgain, openFastest } from "#spikevine/src/cli/device/open-fastest";
import { givesBitsOfSimd } from "#spikevine/src/cli/device/self-test";
import { openDevice } from "#spikevine/src/device/index";
import { describeFused, describeWide, wideRefusal } from "./where-available.js";

/** Name of the opened device, and the reason. */
async function opened(open: typeof openFastest, name: string): Promise<[name: string, why: string]> {
  const { device, why } = await open(name, { threads: 1 });
  await device.dispose();
  return [device.report.name, why];
}

if (wideRefusal !== undefined) {
  test("without 256-bit vectors auto takes simd and gives the reason", async () => {
    expect(await opened(openFastest, "auto")).toEqual([
      "simd",
      expect.stringMatching(/^the fastest available device; not simd:wide: .*install Node 24 or newer$/),
    ]);
  });

  test("a run that began with them continues on simd, whose bits are the same", async () => {
    expect(await opened(openAgain, "simd:wide")).toEqual(["simd", "the same bits as simd:wide, the device of the run"]);
  });
}

test("a named device is opened as it is", async () => {
  expect(await opened(openFastest, "simd")).toEqual(["simd", "requested by name"]);
  expect(await opened(openAgain, "reference")).toEqual(["reference", "the device of the run"]);
});

test("the device of a run whose bits no other device gives is not replaced", async () => {
  await expect(openAgain("gpujs:webgl2")).rejects.toThrow(/^device gpujs:webgl2: /);
});

describeWide("256-bit vectors", [], () => {
  test("auto of a command takes simd:wide after its self-test, auto of the library does not", async () => {
    expect(await opened(openFastest, "auto")).toEqual([
      "simd:wide",
      "the fastest available device; a self-test found the bits of simd",
    ]);
    expect((await opened(openDevice, "auto"))[0]).toBe("simd");
  });
});

describeFused("fused arithmetic", [], () => {
  test("the self-test finds that its bits are others", async () => {
    if (wideRefusal === undefined) expect(await givesBitsOfSimd("simd:fused")).toBe(false);
  });
});
