export const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;

/** A definition with the scheme of each of its variables. */
export function equationsOf(definition: string, schemes: Readonly<Record<string, string>>): string {
  const shown = Object.entries(schemes).map(([variable, scheme]) => `${variable}: ${scheme}`);
  return shown.length === 0 ? definition : `${definition} (${shown.join(", ")})`;
}
