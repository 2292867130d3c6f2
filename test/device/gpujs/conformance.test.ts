import { gpujsDevice } from "#spikevine/src/device/gpujs/index";
import { NOT_IMPLEMENTED } from "#spikevine/src/device/gpujs/not-implemented";
import { conformance } from "../conformance/conformance.js";

const options = { randomNetworks: 10, lacking: NOT_IMPLEMENTED };

conformance("gpu.js in plain JavaScript", () => gpujsDevice({ mode: "cpu" }), options);
conformance("gpu.js in WebAssembly", () => gpujsDevice({ mode: "webasm" }), options);
conformance(
  "gpu.js in WebAssembly, three steps a chunk",
  () => gpujsDevice({ mode: "webasm", longestChunk: 3 }),
  options,
);
