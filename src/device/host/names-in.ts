import type { Operation } from "../contract.js";

/** All names in an operation, those of its tensors and signals among them. */
export const namesIn = (operation: Operation): string[] =>
  Object.values(operation).flatMap((value: unknown) =>
    Array.isArray(value) ? value.flatMap(strings) : strings(value),
  );

const strings = (value: unknown): string[] => {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).filter((inner): inner is string => typeof inner === "string");
};
