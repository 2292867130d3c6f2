import { simdDevice } from "#spikevine/src/device/simd/index";
import { conformance } from "../conformance/conformance.js";
import { describeWide } from "./where-available.js";

// Everything is optimized before it runs for the first time. Inlining would need feedback from the first tier.
describeWide("256-bit vectors", ["--no-liftoff", "--no-wasm-inlining"], () => {
  conformance("simd:wide", () => simdDevice({ threads: 2, wide: true }));
});
