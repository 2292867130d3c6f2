/** The time axis of a picture: steps, or milliseconds if the length of a step is given. */
export function timeAxis(stepMs: number | undefined): { label: string; perStep: number } {
  return stepMs === undefined ? { label: "time step", perStep: 1 } : { label: "time (ms)", perStep: stepMs };
}
