import { z } from "zod";

/**
 * Adds to a field of the schema its flag, its help text and, for a field that may be left out, the word for null on the
 * command line.
 */
export const field = <T extends z.ZodType>(schema: T, flag: string, description: string, absent?: string): T =>
  schema.meta({ flag, description, ...(absent === undefined ? {} : { absent }) });

export const names = <T extends string>(...values: T[]) => z.enum(values as [T, ...T[]]);

/** One of the names of a registry; a registered name is valid in every file and flag. */
export const oneOf = (registry: Readonly<Record<string, unknown>>) => z.enum(Object.keys(registry));

export const count = z.int().min(1);

/** A plain number, or text with a unit. The neuron checks which of them it accepts. */
export const quantity = z.union([z.number(), z.string().min(1)]);
