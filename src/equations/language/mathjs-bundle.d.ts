declare module "mathjs/lib/browser/math.js" {
  import type * as math from "mathjs";

  const bundle: typeof math;
  export default bundle;
}
