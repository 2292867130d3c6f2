import { simdDevice } from "#spikevine/src/device/simd/index";
import { conformance } from "../conformance/conformance.js";

// Any number of threads gives the same bits (threads.test.ts), so one is enough here.
conformance("simd", () => simdDevice({ threads: 2 }));
