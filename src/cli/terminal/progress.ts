/** Progress as one line: name, bar, percentage, figures, time left. The bar fills the rest of the width. */
export function progressLine(options: {
  /** Width of the terminal in columns. */
  width: number;
  label: string;
  done: number;
  of: number;
  /** Seconds since it began. */
  seconds: number;
  figures?: readonly string[];
}): string {
  const fraction = options.of === 0 ? 1 : options.done / options.of;
  const left = fraction === 0 ? "" : `${clock((options.seconds * (1 - fraction)) / fraction)} left`;
  const percent = `${Math.floor(fraction * 100)}%`.padStart(4);
  const rest = [percent, ...(options.figures ?? []), left].filter(Boolean).join("  ");
  return `${options.label} ${bar(fraction, options.width - options.label.length - rest.length - 2)}${rest}`;
}

function bar(fraction: number, room: number): string {
  const cells = Math.max(0, Math.min(30, room));
  const full = Math.floor(fraction * cells);
  return "█".repeat(full) + "░".repeat(cells - full);
}

/** `0:09`, `14:51`, `2:03:00`: short enough for a line of 80 columns. */
function clock(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number): string => String(value).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** `8.4 s`, `1 min 05 s`, `2 h 03 min`. */
export function duration(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(Math.round(seconds) / 60);
  if (minutes < 60) return `${minutes} min ${String(Math.round(seconds) % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** Calls the function at most once per given time; calls in between are dropped. */
export function atMostEvery<A extends unknown[]>(
  milliseconds: number,
  call: (...args: A) => void,
): (...args: A) => void {
  let last = -Infinity;
  return (...args) => {
    const now = performance.now();
    if (now - last < milliseconds) return;
    last = now;
    call(...args);
  };
}
