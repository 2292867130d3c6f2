import { simdDevice } from "#spikevine/src/device/simd/index";
import { NOT_IMPLEMENTED } from "#spikevine/src/device/simd/not-implemented";
import { conformance } from "../conformance/conformance.js";

// Any number of threads gives the same bits (threads.test.ts), so one is enough here.
conformance("simd", () => simdDevice({ threads: 2 }), { lacking: NOT_IMPLEMENTED });
