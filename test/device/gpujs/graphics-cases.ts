import type { Device } from "#spikevine/src/device/contract";
import { referenceDevice } from "#spikevine/src/device/reference/index";
import type { ConformanceCase } from "../conformance/case.js";
import { compare } from "../conformance/compare.js";
import { type LimitsReport, measureLimits } from "../conformance/limits.js";
import { networkCases } from "../conformance/network-cases.js";
import { observe } from "../conformance/observe.js";
import { operationCases } from "../conformance/operation-cases.js";

/**
 * A part of the conformance suite for graphics modes without graphics hardware, where compiling shaders takes most of the time: a
 * sample of the single operations and every training procedure.
 */
export const graphicsCases = (): readonly ConformanceCase[] => [
  ...operationCases().filter((_, index) => index % 9 === 0),
  ...networkCases().filter(({ name }) => !name.includes("every signal read")),
];

/** What differs from the reference in double precision; empty if nothing does. */
export async function differencesOf(device: Device, each: ConformanceCase): Promise<string[]> {
  const reference = await referenceDevice({ precision: "double" });
  return compare(await observe(reference, each), await observe(device, each));
}

/** Ten updates, measured against the reference in double precision. */
export async function limitsOf(device: Device): Promise<LimitsReport> {
  const reference = await referenceDevice({ precision: "double" });
  return measureLimits((what) => observe(reference, what), device);
}
