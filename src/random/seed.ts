import { whole } from "../arguments/index.js";

/** Draws are keyed by 32 bits of the seed; a larger or negative seed would repeat the draws of another seed. */
export const LARGEST_SEED = 0xffffffff;

/** A seed as an argument. */
export const SEED = whole(0, LARGEST_SEED);
