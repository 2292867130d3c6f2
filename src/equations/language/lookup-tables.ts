/**
 * Tables that the operation `lookup` reads, by number. Whatever has an equation with a lookup also has its definition, and the
 * definition has the table; a table that no definition has any more is not kept.
 */
const tables: WeakRef<Float64Array>[] = [];
const numbers = new WeakMap<Float64Array, number>();

/** The number of a table, the same for the same array. */
export function numberOfTable(values: Float64Array): number {
  let number = numbers.get(values);
  if (number === undefined) {
    number = tables.push(new WeakRef(values)) - 1;
    numbers.set(values, number);
  }
  return number;
}

export function tableNumbered(number: number): Float64Array {
  const values = tables[number]?.deref();
  if (values === undefined) throw new Error(`there is no lookup table ${number}`);
  return values;
}
