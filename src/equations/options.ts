import { SpikevineError, unknownName } from "../errors.js";
import type { ParameterValues } from "./parameters.js";

/** For each option that picks a variant, the variants there are; the first is the default. */
export type Variants = Readonly<Record<string, readonly string[]>>;

/**
 * Splits a factory's options into the variants it picks (checked, defaults filled in) and the rest, which are values of
 * parameters and are checked by the definition itself.
 * @throws SpikevineError naming the option, what was given and what there is.
 */
export function splitOptions<V extends Variants>(
  where: string,
  options: Readonly<Record<string, unknown>>,
  variants: V,
): { readonly picked: { readonly [K in keyof V]: V[K][number] }; readonly values: ParameterValues } {
  const picked: Record<string, string> = {};
  for (const [option, known] of Object.entries(variants)) {
    const given = Object.hasOwn(options, option) ? options[option] : undefined;
    if (given !== undefined && !known.includes(given as string))
      throw unknownName(`${option} of ${where}`, String(given), known);
    picked[option] = (given ?? known[0]) as string;
  }
  const values: Record<string, number | string> = {};
  for (const [name, given] of Object.entries(options)) {
    if (Object.hasOwn(variants, name) || given === undefined) continue;
    if (typeof given !== "number" && typeof given !== "string") {
      throw new SpikevineError(`${where}: "${name}" is ${String(given)}; give a number or a quantity such as "20 ms".`);
    }
    values[name] = given;
  }
  return { picked: picked as { [K in keyof V]: V[K][number] }, values };
}
