/** What runs inside the page; test/browser/*.test.ts calls it from outside. */
import type { Device } from "#spikevine/src/device/contract";
import { gpujsDevice } from "#spikevine/src/device/gpujs/index";
import type { LimitsReport } from "../device/conformance/limits.js";
import { networkCases } from "../device/conformance/network-cases.js";

export { trainedWeights } from "./augmented-training.js";
export { steppedOutputs } from "./stepped-network.js";

import { differencesOf, graphicsCases, limitsOf } from "../device/gpujs/graphics-cases.js";

const gpujs = (globalThis as unknown as { GPU: object }).GPU;

export type PageMode = "webgl2" | "webgpu";

const opened = new Map<PageMode, Promise<Device>>();
function open(mode: PageMode): Promise<Device> {
  const device = opened.get(mode) ?? gpujsDevice({ mode, gpujs });
  opened.set(mode, device);
  return device;
}

export async function executor(mode: PageMode): Promise<string> {
  return (await open(mode)).report.executor;
}

export async function differences(mode: PageMode, name: string): Promise<string[]> {
  return differencesOf(await open(mode), graphicsCases().find((each) => each.name === name)!);
}

export async function limits(mode: PageMode): Promise<LimitsReport> {
  return limitsOf(await open(mode));
}

/** Textures that five further runs of a training procedure make, and how many of them are left afterwards. */
export async function texturesOfRuns(): Promise<{ made: number; left: number }> {
  const device = await open("webgl2");
  const { plan, runs } = networkCases().find(({ name }) => name === "recurrent spiking layers")!;
  const program = await device.compile(plan);
  const { procedure, inputs } = runs[0]!;
  await program.run(procedure, inputs);
  await program.run(procedure, inputs);
  const textures = countTextures();
  for (let n = 0; n < 5; n++) await program.run(procedure, inputs);
  await program.dispose();
  return textures.stop();
}

/** Counts the textures that the page makes from now on, and those of them that it does not delete. */
function countTextures(): { stop(): { made: number; left: number } } {
  const { prototype } = WebGL2RenderingContext;
  const { createTexture, deleteTexture } = prototype;
  const left = new Set<WebGLTexture | null>();
  let made = 0;
  prototype.createTexture = function () {
    const texture = createTexture.call(this);
    made++;
    left.add(texture);
    return texture;
  };
  prototype.deleteTexture = function (texture) {
    left.delete(texture);
    deleteTexture.call(this, texture);
  };
  return {
    stop() {
      Object.assign(prototype, { createTexture, deleteTexture });
      return { made, left: left.size };
    },
  };
}

/** Trains a small network on the SIMD device with one thread. */
export async function simdDifferences(): Promise<string[]> {
  const { simdDevice } = await import("#spikevine/src/device/simd/index");
  const device = await simdDevice({ threads: 1 });
  const each = networkCases().find(({ name }) => name === "two spiking layers")!;
  const found = await differencesOf(device, each);
  await device.dispose();
  return found;
}
