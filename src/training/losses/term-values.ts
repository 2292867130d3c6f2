import type { LossTerm } from "../../../losses/term.js";

/** Values of the terms of a loss by their names, each times its weight; empty for a loss of one term. */
export type TermValues = Readonly<Record<string, number>>;

/** Names of the terms of a loss: those of their definitions, with a number from the second of the same name on. */
export function termNames(terms: readonly LossTerm[]): readonly string[] {
  const seen = new Map<string, number>();
  return terms.map(({ loss: { name } }) => {
    const number = (seen.get(name) ?? 0) + 1;
    seen.set(name, number);
    return number === 1 ? name : `${name} ${number}`;
  });
}

/** Values by the names of their terms. */
export const namedValues = (names: readonly string[], values: ArrayLike<number>): TermValues =>
  names.length < 2 ? {} : Object.fromEntries(names.map((name, i) => [name, values[i]!]));

/** Sums of the values of two runs; the first may be empty. */
export const addedTerms = (sums: TermValues, values: TermValues): TermValues =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, (sums[name] ?? 0) + value]));

/** Values divided by a number. */
export const dividedValues = (values: TermValues, by: number): TermValues =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value / by]));

/** The field `terms` of a report, left out for a loss of one term. */
export const termsField = (terms: TermValues): { terms?: TermValues } =>
  Object.keys(terms).length === 0 ? {} : { terms };
