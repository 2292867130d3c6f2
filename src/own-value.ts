/**
 * What a record has under a name of its own. People name things: a look-up of "constructor" in a plain object would find
 * what every object has.
 */
export const ownValue = <V>(record: Readonly<Record<string, V>>, name: string): V | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;
