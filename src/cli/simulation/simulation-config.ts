import { z } from "zod";

/** The configuration of a simulation, as it is in the run folder. */
export const simulationConfig = z.strictObject({
  command: z.literal("simulate"),
  network: z.string(),
  duration: z.string(),
  size: z.int(),
  seed: z.int(),
  precision: z.enum(["single", "double"]),
  out: z.string(),
  /** Absent in version 0.1.0, which saved no states. */
  checkpointEvery: z.string().nullable().exactOptional(),
  dt: z.number(),
});

export type SimulationConfig = z.output<typeof simulationConfig>;
