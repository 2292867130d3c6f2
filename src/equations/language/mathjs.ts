import type * as math from "mathjs";
import bundle from "mathjs/lib/browser/math.js";

/**
 * Functions of mathjs that read definitions. mathjs's own entry is several hundred modules and takes most of a
 * second to load; its single-file bundle is the same library in a sixth of that.
 */
export const {
  derivative,
  expm,
  matrix,
  parse,
  unit,
}: Pick<typeof math, "derivative" | "expm" | "matrix" | "parse" | "unit"> = bundle;
