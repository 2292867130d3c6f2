/** For each option that picks a variant, the variants there are; the first is the default. */
export type Variants = Readonly<Record<string, readonly string[]>>;

/**
 * Splits a factory's options, checked by its signature, into the variants that they pick (defaults filled in) and the rest, which
 * are values of parameters; their names, units and ranges are the definition's to check.
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
