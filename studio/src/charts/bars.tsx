export interface BarsProps {
  readonly label: string;
  readonly values: readonly number[];
  /** Text below the first and the last bar. */
  readonly ends?: readonly [string, string];
  /** Text below every bar, in place of `ends`. */
  readonly names?: readonly string[];
  readonly color?: number;
  readonly height?: number;
  /** A bar in full color; the others are pale. */
  readonly marked?: number | undefined;
}

const WIDTH = 240;

/** Bars of counts or scores. */
export function Bars({ label, values, ends, names, color = 0, height = 64, marked }: BarsProps) {
  const largest = Math.max(...values, 1e-9);
  const step = WIDTH / values.length;
  return (
    <div class="bars">
      <svg role="img" aria-label={label} viewBox={`0 0 ${WIDTH} ${height}`} height={height} preserveAspectRatio="none">
        {values.map((value, i) => {
          const tall = Math.max(0, (value / largest) * (height - 2));
          return (
            <rect
              // Bars have no identity but their place.
              key={i}
              class={`series-${color + 1}`}
              x={i * step + step * 0.1}
              y={height - tall}
              width={step * 0.8}
              height={tall}
              opacity={marked === undefined || marked === i ? 1 : 0.35}
            />
          );
        })}
      </svg>
      <div class={names === undefined ? "scale" : "scale names"} aria-hidden="true">
        {(names ?? ends ?? []).map((name) => (
          <span key={name}>{name}</span>
        ))}
      </div>
    </div>
  );
}

/** Counts of values in equal bins from `least` to `most`. */
export function histogram(values: ArrayLike<number>, bins: number, least: number, most: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (let i = 0; i < values.length; i++) {
    const bin = Math.floor(((values[i]! - least) / (most - least)) * bins);
    counts[Math.min(bins - 1, Math.max(0, bin))]!++;
  }
  return counts;
}
