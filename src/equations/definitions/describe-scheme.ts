import type { Scheme } from "../integrators/index.js";

/** One sentence about the scheme of a definition, with the choice of `automatic`. */
export function describeScheme({ name, summary }: Scheme, schemes: Readonly<Record<string, string>>): string {
  const chosen = [...new Set(Object.values(schemes))];
  return name === "automatic"
    ? `Integrator: ${chosen.join(", ")}, chosen automatically.`
    : `Integrator: ${name}, ${summary}.`;
}
