import { SpikevineError } from "../../errors.js";
import { type Field, fields } from "../../experiment/fields.js";
import type { Experiment } from "../../experiment/schema.js";
import type { Invocation } from "./command.js";

/** The flag that names a module. */
const MODULE: Field = fields.find(({ path }) => path === "module")!;

/**
 * A file of weights or a run folder may come from elsewhere, so that a module that it names is not run unless the user names it too.
 * @throws SpikevineError if an experiment that was read has a module, and the flag was not given
 */
export function requireModuleFlag(what: string, { module }: Experiment, { gave }: Invocation): void {
  if (module === null || gave(MODULE)) return;
  throw new SpikevineError(
    `${what}: this was trained with the module "${module}", which would be run; give --module "${module}" if you trust it.`,
  );
}
