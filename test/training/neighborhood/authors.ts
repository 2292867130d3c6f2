/**
 * Neighborhood aggregation as in the code of its authors, written from its description: traces travel between layers, every
 * layer filters its error, and effects of flipped spikes are measured on traces. Double precision, one dense layer after the
 * other. The engine moves the filters behind the products instead.
 */
const STEPS = 5;
const TAU_M = 5;
const TAU_S = 2;
const THETA = 1;
const KEEP_M = 1 - 1 / TAU_M;
const KEEP_S = 1 - 1 / TAU_S;

export const AUTHORS = { steps: STEPS, tauM: TAU_M, tauS: TAU_S, theta: THETA };

/** Weights `[inputs, units]`, row by row. */
export interface Layer {
  readonly inputs: number;
  readonly units: number;
  readonly weights: ArrayLike<number>;
}

/** Values `[steps][units]` of one sample. */
type Series = number[][];
interface Pass {
  readonly current: Series;
  readonly potential: Series;
  readonly spike: Series;
  readonly trace: Series;
}

const table = (units: number): Series => Array.from({ length: STEPS }, () => new Array<number>(units).fill(0));

const filtered = (pixels: ArrayLike<number>): Series =>
  Array.from({ length: STEPS }, (_, t) => Array.from(pixels, (x) => x * (1 - KEEP_S ** (t + 1))));

function forward({ inputs, units, weights }: Layer, input: Series): Pass {
  const [current, potential, spike, trace] = [table(units), table(units), table(units), table(units)];
  for (let n = 0; n < units; n++) {
    let kept = 0;
    for (let t = 0; t < STEPS; t++) {
      for (let i = 0; i < inputs; i++) current[t]![n]! += weights[i * units + n]! * input[t]![i]!;
      const v = KEEP_M * kept + current[t]![n]!;
      potential[t]![n] = v;
      const s = v > THETA ? 1 : 0;
      spike[t]![n] = s;
      trace[t]![n] = KEEP_S * (t > 0 ? trace[t - 1]![n]! : 0) + s / TAU_S;
      kept = v * (1 - s);
    }
  }
  return { current, potential, spike, trace };
}

/** Effect of the spike of unit n at step t on the loss, for filtered errors of the traces. */
function effectOf(n: number, t: number, { current, spike, trace }: Pass, error: Series, twice: boolean): number {
  const had = spike[t]![n]!;
  let kept = had === 1 ? THETA : 0;
  let difference = (1 - 2 * had) / TAU_S;
  let sum = error[t]![n]! * difference;
  let other = trace[t]![n]! + difference;
  for (let r = t + 1; r < STEPS; r++) {
    const v = KEEP_M * kept + current[r]![n]!;
    const s = v > THETA ? 1 : 0;
    kept = v * (1 - s);
    other = KEEP_S * other + s / TAU_S;
    difference = twice ? other - trace[r]![n]! : (s - spike[r]![n]!) / TAU_S;
    sum += error[r]![n]! * difference;
  }
  return sum;
}

export interface AuthorsOptions {
  readonly power: number;
  readonly largest: number;
  /** Differences of traces, in place of spikes. */
  readonly twice: boolean;
  readonly rescaled: boolean;
}

/** Gradients of the weights of each layer. The loss is half the sum of (trace - target trace)^2 over the samples. */
export function authorsGradients(
  layers: readonly Layer[],
  samples: readonly { readonly pixels: ArrayLike<number>; readonly label: number }[],
  { power, largest, twice, rescaled }: AuthorsOptions,
): { readonly loss: number; readonly gradients: number[][]; readonly closest: number; readonly spikes: number } {
  const passes = samples.map(({ pixels }) => {
    const inputs = [filtered(pixels)];
    const made: Pass[] = [];
    for (const layer of layers) {
      made.push(forward(layer, inputs.at(-1)!));
      inputs.push(made.at(-1)!.trace);
    }
    return { inputs, made };
  });
  let loss = 0;
  let errors = samples.map(({ label }, b) => {
    const out = passes[b]!.made.at(-1)!.trace;
    return out.map((row, t) =>
      row.map((a, c) => {
        const difference = a - (c === label ? 1 - KEEP_S ** (t + 1) : 0);
        loss += difference ** 2 / 2;
        return difference;
      }),
    );
  });
  let reference: number | undefined;
  const gradients: number[][] = [];
  for (let l = layers.length - 1; l >= 0; l--) {
    const { inputs, units, weights } = layers[l]!;
    let size = 0;
    const raw = errors.map((g, b) => {
      const pass = passes[b]!.made[l]!;
      const e = table(units);
      for (let t = STEPS - 1; t >= 0; t--) {
        for (let n = 0; n < units; n++) e[t]![n] = g[t]![n]! + (t + 1 < STEPS ? KEEP_S * e[t + 1]![n]! : 0);
      }
      return pass.potential.map((row, t) =>
        row.map((u, n) => {
          const factor = Math.min(largest, Math.max(-largest, Math.sign(THETA - u) / Math.abs(THETA - u) ** power));
          const value = effectOf(n, t, pass, e, twice) * factor;
          size += Math.abs(value);
          return value;
        }),
      );
    });
    const mean = size / (samples.length * STEPS * units);
    const rounded = Math.round((reference ?? mean) * 1000) / 1000;
    const scale = rescaled ? 1.2 * Math.log(rounded / (mean + 1e-5) + 1.02) : 1;
    reference ??= mean * Math.abs(scale);
    const gradient = new Array<number>(inputs * units).fill(0);
    errors = raw.map((series, b) =>
      series.map((row, t) =>
        Array.from({ length: inputs }, (_, i) => {
          let down = 0;
          for (let n = 0; n < units; n++) {
            gradient[i * units + n]! += scale * row[n]! * passes[b]!.inputs[l]![t]![i]!;
            down += weights[i * units + n]! * scale * row[n]!;
          }
          return down;
        }),
      ),
    );
    gradients.unshift(gradient);
  }
  const all = passes.flatMap(({ made }) => made);
  const closest = Math.min(...all.flatMap(({ potential }) => potential.flat().map((v) => Math.abs(v - THETA))));
  const spikes = all.reduce((sum, { spike }) => sum + spike.flat().reduce((a, b) => a + b, 0), 0);
  return { loss, gradients, closest, spikes };
}
