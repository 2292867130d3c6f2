import { afterAll, describe, expect, test } from "vitest";
import { type GpujsDevice, gpujsDevice } from "#spikevine/src/device/gpujs/index";
import { differencesOf, graphicsCases, limitsOf } from "./graphics-cases.js";
import { openDisplay } from "./headless-display.js";

// Headless GL loads once in a process, in its main thread: this file runs in its own process (vitest's forks).
const display = await openDisplay();
const attempt = await gpujsDevice({ mode: "headlessgl" }).catch((error: unknown) => error as Error);
const required = process.env.SPIKEVINE_REQUIRE_GL === "1";

if (attempt instanceof Error) {
  display?.close();
  if (required) {
    test("headless OpenGL is available", () => {
      throw attempt;
    });
  } else test.skip(`headless OpenGL: ${attempt.message}`, () => {});
} else describe("headless OpenGL", { timeout: 120_000 }, () => testDevice(attempt));

function testDevice(device: GpujsDevice): void {
  afterAll(async () => {
    await device.dispose();
    display?.close();
  });

  test("reports the hardware or the driver that stands in for it", () => {
    expect(device.report.name).toBe("gpujs:headlessgl");
    expect(device.report.executor).toMatch(/^gpu\.js, headless OpenGL on ./);
  });

  test.each(graphicsCases().map((each) => [each.name, each] as const))("%s", async (_, each) => {
    expect(await differencesOf(device, each)).toEqual([]);
  });

  test("ten updates stay within the limits of single precision", async () => {
    const limits = await limitsOf(device);
    expect(limits.inputSpikesDiffering).toBe(0);
    expect(limits.hiddenSpikesDiffering).toBeLessThanOrEqual(limits.hiddenSpikes / 100_000);
    expect(limits.gradientError).toBeLessThan(1e-4);
    expect(limits.weightError).toBeLessThan(1e-4);
  });

  test("deletes every texture", async () => {
    const { plan, runs } = graphicsCases().find(({ name }) => name === "recurrent spiking layers")!;
    const program = await device.compile(plan);
    const run = runs[0]!;
    await program.run(run.procedure, run.inputs);
    const before = program.arrayCount;
    for (let n = 0; n < 5; n++) await program.run(run.procedure, run.inputs);
    expect(program.arrayCount).toBe(before);
    await program.dispose();
    expect(program.arrayCount).toBe(0);
  });
}
