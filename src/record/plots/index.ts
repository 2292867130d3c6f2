export { type LearningCurve, learningCurves } from "./learning-curves.js";
export { type Line, type LinePanel, linePlot } from "./lines.js";
export { type LayerSpikes, spikeRaster } from "./raster.js";
export { neuronResponse } from "./response.js";
export type { TimeRow } from "./rows.js";
export { type MembraneTrace, membraneTraces } from "./traces.js";
