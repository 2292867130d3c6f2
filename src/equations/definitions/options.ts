/** For each option that selects a variant, the available variants; the first is the default. */
export type Variants = Readonly<Record<string, readonly string[]>>;

/**
 * Splits a factory's options, checked by its signature, into the selected variants (defaults filled in) and the remaining
 * values of parameters. The definition checks the names, units and ranges of the parameters.
 */
export function splitOptions<O extends object, V extends Variants>(
  options: O,
  variants: V,
): {
  readonly picked: { readonly [K in keyof V]: V[K][number] };
  readonly values: Omit<O, keyof V>;
} {
  const values = { ...options } as Record<string, unknown>;
  const picked: Record<string, string> = {};
  for (const [option, known] of Object.entries(variants)) {
    picked[option] = (values[option] as string | undefined) ?? known[0]!;
    delete values[option];
  }
  return { picked: picked as { [K in keyof V]: V[K][number] }, values: values as Omit<O, keyof V> };
}
