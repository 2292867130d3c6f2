import { referenceDevice } from "#spikevine/src/device/reference/index";
import { conformance } from "./conformance.js";

conformance("the reference in single precision", () => referenceDevice({ precision: "single" }));
