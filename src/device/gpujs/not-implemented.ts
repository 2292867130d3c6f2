import type { Feature } from "../host/index.js";

/** Features of the contract that this device refuses; the conformance tests run everything else. */
export const NOT_IMPLEMENTED: readonly Feature[] = [];
