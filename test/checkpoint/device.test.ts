import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { differences } from "#spikevine/src/checkpoint/differences";
import { parseExperiment } from "#spikevine/src/experiment/parse";
import { checkDevice, experimentPoint } from "#spikevine/src/experiment/points";
import { spikevine, TINY, temporaryFolder } from "../cli/run-cli.js";
import { onlyRun } from "./command.js";
import { SOME_RUN } from "./training.js";

const on = (name: string) => ({ ...SOME_RUN, device: { name, executor: "" } });

it("a run goes on only on a device with the same bits", () => {
  expect(differences(on("simd:wide"), on("simd"))).toEqual([]);
  expect(differences(on("simd"), on("simd:wide"))).toEqual([]);
  expect(differences(on("simd"), on("simd:fused"))).toEqual(["device was simd and is simd:fused"]);
  expect(differences(on("simd:fused"), on("simd:wide"))).toEqual(["device was simd:fused and is simd"]);
});

it("the bits of a device are part of a sweep point's identity", () => {
  const point = (device: string) => experimentPoint(parseExperiment({}), "0".repeat(64), device);
  expect(point("simd:wide").id).toBe(point("simd").id);
  const ids = ["simd", "simd:fused", "gpujs:cpu", "reference"].map((device) => point(device).id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(() => checkDevice(point("simd"), "simd:wide")).not.toThrow();
  expect(() => checkDevice(point("simd:fused"), "simd:fused")).not.toThrow();
  expect(() => checkDevice(point("simd"), "simd:fused")).toThrow(
    /^point seed-1-\w+: the device is simd:fused here and was simd when the sweep began, which gives other bits; run/,
  );
});

it("the configuration of a run names the device that auto took", async () => {
  const out = await temporaryFolder();
  const { code, stdout } = await spikevine("train", ...TINY, "--device", "auto", "--out", out);
  expect(code).toBe(0);
  const config = JSON.parse(await readFile(join(await onlyRun(out), "config.json"), "utf8"));
  expect(config.device).toMatch(/^simd(:wide)?$/);
  expect(stdout).toContain(`device   ${config.device}: `);
});
