import { gpujsDevice } from "#spikevine/src/device/gpujs/index";
import { conformance } from "../conformance/conformance.js";

// Both modes run the same kernels, so each case is on one of them here and on both in the exhaustive suite.
conformance("gpu.js in plain JavaScript", () => gpujsDevice({ mode: "cpu" }), { randomNetworks: 3, part: [0, 2] });
conformance("gpu.js in WebAssembly", () => gpujsDevice({ mode: "webasm" }), { randomNetworks: 3, part: [1, 2] });
conformance("gpu.js in WebAssembly, three steps a chunk", () => gpujsDevice({ mode: "webasm", longestChunk: 3 }), {
  randomNetworks: 2,
  part: [0, 8],
});
