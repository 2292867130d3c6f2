import { simdDevice } from "#spikevine/src/device/simd/index";
import { conformance } from "../conformance/conformance.js";

for (const threads of [1, 3]) conformance(`simd on ${threads} threads`, () => simdDevice({ threads }));
