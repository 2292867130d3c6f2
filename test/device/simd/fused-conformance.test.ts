import { simdDevice } from "#spikevine/src/device/simd/index";
import { conformance } from "../conformance/conformance.js";
import { describeFused } from "./where-available.js";

// With 256-bit vectors where the engine has them, which only optimized code uses (see wide-conformance.test.ts).
describeFused("fused arithmetic", ["--no-liftoff", "--no-wasm-inlining"], () => {
  conformance("simd:fused", () => simdDevice({ threads: 2, fused: true }));
});
