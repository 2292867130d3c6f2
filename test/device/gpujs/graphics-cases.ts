import type { Device } from "#spikevine/src/device/contract";
import { referenceDevice } from "#spikevine/src/device/reference/index";
import { allCases, type ConformanceCase, compare, observe } from "../conformance/cases.js";
import { type LimitsReport, measureLimits } from "../conformance/limits.js";

/** The package's own definitions whose equations differ most: every surrogate, exponentials, every optimizer, noise. */
const LIBRARY = /^snu with|^lif in mV|^tanh$|^ssnu, subtract|^rule|^noise.*spiking|^indirect.*spiking/;

/**
 * A part of the conformance suite for graphics modes without graphics hardware, where compiling shaders takes most of the
 * time: a sample of the single operations, every training procedure (of images too), and the most diverse of the package's
 * definitions.
 */
export function graphicsCases(): readonly ConformanceCase[] {
  const { operations, images, graphs, training, library } = allCases();
  return [
    ...operations.filter((_, index) => index % 12 === 0),
    ...images.filter((_, index) => index % 7 === 0),
    ...[...graphs, ...training].filter(({ name }) => !name.includes("every signal read")),
    ...library.filter(({ name }) => LIBRARY.test(name)),
  ];
}

/** Differences from the reference in double precision. */
export async function differencesOf(device: Device, each: ConformanceCase): Promise<string[]> {
  const reference = await referenceDevice({ precision: "double" });
  return compare(await observe(reference, each), await observe(device, each));
}

/** Ten updates, measured against the reference in double precision. */
export async function limitsOf(device: Device): Promise<LimitsReport> {
  const reference = await referenceDevice({ precision: "double" });
  return measureLimits((what) => observe(reference, what), device);
}
