import { z } from "zod";

/**
 * A field of the schema: its name on the command line, its line of help, and the word on the command line for null where it
 * may be left out.
 */
export const field = <T extends z.ZodType>(schema: T, flag: string, description: string, absent?: string): T =>
  schema.meta({ flag, description, ...(absent === undefined ? {} : { absent }) });

export const names = <T extends string>(...values: T[]) => z.enum(values as [T, ...T[]]);

/** One of the names of a registry, so that what is registered is known to every file and flag. */
export const oneOf = (registry: Readonly<Record<string, unknown>>) => z.enum(Object.keys(registry));

export const count = z.int().min(1);

/** A plain number, or text with a unit; which of them fits is the neuron's to say. */
export const quantity = z.union([z.number(), z.string().min(1)]);
