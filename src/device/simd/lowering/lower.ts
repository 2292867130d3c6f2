import type { Operation, Plan, Procedure } from "../../contract.js";
import {
  isConvolution,
  lowerConvolution,
  lowerConvolutionInputGradient,
  lowerConvolutionWeightGradient,
} from "./convolution.js";
import { lowerNormalize, lowerNormalizeGradient } from "./normalization.js";
import { lowerAdd, lowerPool, lowerPoolGradient } from "./pooling.js";
import { lowerRescale } from "./rescale.js";
import {
  lowerAdjointScan,
  lowerCurrent,
  lowerDropoutMask,
  lowerEncode,
  lowerInputGradient,
  lowerNeighbors,
  lowerReadout,
  lowerScan,
  lowerSpikeInput,
} from "./samples.js";
import { lowerReduce, lowerUnitGradient, lowerUpdate, lowerWeightGradient } from "./synapses.js";
import { TaskList } from "./task-list.js";
import type { LoweredProcedure } from "./tasks.js";

/** Lowers the operations of a procedure to tasks, adding those that only this device needs. */
export function lower(plan: Plan, name: string, procedure: Procedure, blockSamples: number): LoweredProcedure {
  const list = new TaskList(plan, name, procedure, blockSamples);
  for (const [signal, { kind, role }] of Object.entries(procedure.signals)) {
    if (role === "input" && kind === "spikes") lowerSpikeInput(list, signal);
  }
  for (const operation of procedure.operations) lowerOperation(list, operation);
  return list.result;
}

function lowerOperation(list: TaskList, operation: Operation): void {
  switch (operation.op) {
    case "encode":
      lowerEncode(list, operation);
      return;
    case "current":
      if (isConvolution(operation)) lowerConvolution(list, operation);
      else lowerCurrent(list, operation);
      return;
    case "scan":
      lowerScan(list, operation);
      return;
    case "dropoutMask":
      lowerDropoutMask(list, operation);
      return;
    case "readout":
      lowerReadout(list, operation);
      return;
    case "loss":
      list.loss(operation);
      return;
    case "adjointScan":
      lowerAdjointScan(list, operation);
      return;
    case "neighbors":
      lowerNeighbors(list, operation);
      return;
    case "rescale":
      lowerRescale(list, operation);
      return;
    case "inputGradient":
      if (isConvolution(operation)) lowerConvolutionInputGradient(list, operation);
      else lowerInputGradient(list, operation);
      return;
    case "weightGradient":
      if (isConvolution(operation)) lowerConvolutionWeightGradient(list, operation);
      else lowerWeightGradient(list, operation);
      return;
    case "unitGradient":
      lowerUnitGradient(list, operation);
      return;
    case "update":
      lowerUpdate(list, operation);
      return;
    case "pool":
      lowerPool(list, operation);
      return;
    case "poolGradient":
      lowerPoolGradient(list, operation);
      return;
    case "add":
      lowerAdd(list, operation);
      return;
    case "normalize":
      lowerNormalize(list, operation);
      return;
    case "normalizeGradient":
      lowerNormalizeGradient(list, operation);
      return;
    case "reduce":
      lowerReduce(list, operation);
      return;
  }
}
