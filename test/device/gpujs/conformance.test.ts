import { gpujsDevice } from "#spikevine/src/device/gpujs/index";
import { conformance } from "../conformance/conformance.js";

conformance("gpu.js in plain JavaScript", () => gpujsDevice({ mode: "cpu" }));
conformance("gpu.js in WebAssembly", () => gpujsDevice({ mode: "webasm" }));
