import { gpujsDevice } from "#spikevine/src/device/gpujs/index";
import { conformance } from "../conformance/conformance.js";

const options = { randomNetworks: 10 };

conformance("gpu.js in plain JavaScript", () => gpujsDevice({ mode: "cpu" }), options);
conformance("gpu.js in WebAssembly", () => gpujsDevice({ mode: "webasm" }), options);
conformance(
  "gpu.js in WebAssembly, three steps a chunk",
  () => gpujsDevice({ mode: "webasm", longestChunk: 3 }),
  options,
);
