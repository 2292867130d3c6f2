/**
 * Milliseconds after which training yields to the event loop between two batches, for signals, timers and the terminal.
 */
const LONGEST_WITHOUT_YIELD = 20;

/** Returns a function to call between batches; it yields to the event loop if it has not done so for a while. */
export function turns(): () => Promise<void> {
  let turned = performance.now();
  return async () => {
    if (performance.now() - turned < LONGEST_WITHOUT_YIELD) return;
    await new Promise<void>((resolve) => yieldTo(resolve));
    turned = performance.now();
  };
}

/** Browsers have no setImmediate. */
const yieldTo = (resume: () => void): void => {
  if (typeof setImmediate === "function") setImmediate(resume);
  else setTimeout(resume);
};
