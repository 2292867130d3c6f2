/** Milliseconds after which signals, timers and the terminal get their turn between two batches. */
const LONGEST_WITHOUT_TURN = 20;

/** A function to be called between batches: it lets the event loop turn when it has not for a while. */
export function turns(): () => Promise<void> {
  let turned = performance.now();
  return async () => {
    if (performance.now() - turned < LONGEST_WITHOUT_TURN) return;
    await new Promise<void>((resolve) => yieldTo(resolve));
    turned = performance.now();
  };
}

/** Browsers have no setImmediate. */
const yieldTo = (resume: () => void): void => {
  if (typeof setImmediate === "function") setImmediate(resume);
  else setTimeout(resume);
};
