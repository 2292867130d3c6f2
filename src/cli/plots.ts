import type { TrainingResult } from "../training/index.js";
import type { TrainingRun } from "./training-run.js";
export async function savePlots(_run: TrainingRun, _result: TrainingResult): Promise<void> {}
