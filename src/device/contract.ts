import type {
  EncoderKernel,
  LossKernel,
  NeighborKernel,
  NeuronKernel,
  OptimizerKernel,
} from "../equations/kernels/kernels.js";
import type { Expression } from "../equations/language/expression.js";

/**
 * The contract between training (or simulation) and a device. It describes operations, not arrays. A *plan* lists the
 * tensors that live on the device and, for each procedure, the operations of one batch in order. A plan is plain data
 * that is derived once from a network. A device compiles it once and runs it for every batch. All devices give the
 * same numbers (test/device/conformance).
 *
 * Two kinds of storage:
 *   tensors  live as long as the program: weights [inputs, units], biases and trained parameters [1, units], optimizer states.
 *   signals  belong to one procedure and one batch: [batch, steps, width] (or one row per sample).
 * Layouts are row-major: tensor element (i, n) is at i * columns + n; a signal is read and written as [batch, steps,
 * width]. An image is a row with its channels last: pixel (y, x) of channel c is unit (y * width + x) * channels + c.
 *
 * A tensor [1, columns] that holds one value per layer, channel or unit (a bias, a neuron's parameter, factors, sums over
 * units) has a number of columns that divides the units: unit n has the value of column n % columns.
 */
export interface Plan {
  readonly tensors: Readonly<Record<string, TensorSpec>>;
  readonly procedures: Readonly<Record<string, Procedure>>;
}

export interface TensorSpec {
  readonly rows: number;
  readonly columns: number;
}

export interface Procedure {
  /** Most samples in one run. */
  readonly batch: number;
  /** Time steps in one run. A longer presentation is several runs with `firstStep` > 0 and kept signals. */
  readonly steps: number;
  readonly signals: Readonly<Record<string, SignalSpec>>;
  readonly operations: readonly Operation[];
}

export interface SignalSpec {
  /** `spikes` are binary; a device may store them as a bitmap or index lists. */
  readonly kind: "spikes" | "values";
  readonly width: number;
  /** One row per step, or one row per sample. */
  readonly rows: "steps" | "sample";
  /**
   * `scratch`: visible only to operations of the same run. `result`: the host may read it after the run. `input`: the
   * host provides it with each run (values, or spikes of rows "steps"). `kept`: persists until the next run of the
   * procedure (streams, carries).
   */
  readonly role: "scratch" | "result" | "input" | "kept";
}

/** Shape of an image: the row of a signal has channels * height * width units, channels last. */
export interface ImageShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** A size or an offset in an image: along the height, along the width. */
export type Pair = readonly [y: number, x: number];

/**
 * Position of windows in an image. The window of output (y, x) covers the inputs (y * stride[0] - padding[0] + i *
 * dilation[0], x * stride[1] - padding[1] + j * dilation[1]) for i < size[0], j < size[1]. Inputs outside the image are 0,
 * and a maximum leaves them out. The windows fit into the padded image, as many as possible: the output has
 * floor((input + 2 * padding - dilation * (size - 1) - 1) / stride) + 1 rows, and columns likewise.
 */
export interface Windows {
  readonly input: ImageShape;
  readonly output: ImageShape;
  readonly size: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
}

/**
 * A convolution as a linear map. Its weights are a tensor [size[0] * size[1] * input.channels / groups, output.channels]:
 * row (i * size[1] + j) * (input.channels / groups) + c, column o holds the weight of output channel o for position (i, j)
 * of the window and the c-th input channel of o's group. Channels are grouped in order, as in PyTorch.
 */
export interface Convolution extends Windows {
  readonly groups: number;
}

/** A parameter of a neuron: a number, or a tensor [1, columns] of values per layer, channel or unit. */
export type ParameterBinding = number | { readonly tensor: string };

/**
 * Pixels to spikes or currents. A pixel is one value per sample (a still image), or a value per step. `x_before` is the
 * value of the step before, and 0 before the presentation begins. Draws are keyed by (seed, stream, epoch, sample id, absolute step) and the unit. For
 * pixel i, `u` is drawUniform(rowKey(seed, stream, epoch, sampleId, step), i), for spikes drawFineUniform of the same
 * key, and `t` is the absolute step. The formula is evaluated in single precision, each operation rounded, with
 * portable functions (src/device/host), so that the spikes of all devices are bit-identical.
 */
export interface Encode {
  readonly op: "encode";
  readonly encoder: EncoderKernel;
  readonly stream: number;
  /** Signal of values. */
  readonly from: string;
  /** Signal of the encoder's output kind; rows "sample" if the encoder is static and `from` has one row per sample, else "steps". */
  readonly to: string;
  /**
   * Input signal of values, one row per sample: the values of the step before the run's first. For an encoder that uses
   * `x_before` on a `from` of rows "steps". Left out: 0, so that only runs with firstStep = 0 are possible.
   */
  readonly before?: string;
}

/**
 * Synaptic current: to[b, t, n] = sum_i from[b, t, i] * weights[i, n] (+ bias[n % columns], a tensor [1, columns]), or the
 * convolution of the image from[b, t]. Rows of `to` are those of `from`.
 */
export interface Current {
  readonly op: "current";
  readonly from: string;
  readonly weights: string;
  /** Left out: the map is dense. */
  readonly convolution?: Convolution;
  readonly bias?: string;
  readonly to: string;
}

/**
 * Pooling of each channel of an image over windows (dilation 1, padding smaller than the size): `scale` times the sum, or
 * the largest value, with NaN as larger than any number so that it shows. Rows of `to` are those of `from`. The maximum of spikes is a signal of spikes; everything else is a signal of values. An average is a
 * sum with scale 1 / (size[0] * size[1]), padding included.
 */
export interface Pool {
  readonly op: "pool";
  readonly kind: "sum" | "max";
  readonly windows: Windows;
  /** 1 for a maximum. */
  readonly scale: number;
  readonly from: string;
  readonly to: string;
}

/**
 * Adjoint of a pooling: a sum hands scale * error[b, t, o] to every input of the window of o; a maximum hands the error to
 * the first input (rows first) that has the largest value of the window. Overlapping windows add up. Rows of `to` are those
 * of `error`; a `from` of one row per sample applies to every step.
 */
export interface PoolGradient {
  readonly op: "poolGradient";
  readonly kind: "sum" | "max";
  readonly windows: Windows;
  readonly scale: number;
  readonly error: string;
  /** The pooled signal, which only a maximum reads. */
  readonly from: string;
  readonly to: string;
}

/**
 * Sum of signals of one width, times a factor: to = scale * (from[0] + from[1] + ...). Branches join here, and errors of a
 * signal that several operations read. `to` has kind values, and rows "steps" if any of `from` has; a signal of one row per
 * sample applies to every step. `to` is none of `from`.
 */
export interface Add {
  readonly op: "add";
  readonly from: readonly string[];
  readonly scale: number;
  readonly to: string;
}

/**
 * Normalization per channel, c = n % columns: to[b, t, n] = gain[c] * (from[b, t, n] - m[c]) / sqrt(v[c] + epsilon) + shift[c].
 * With `statistics` "batch", m and v are the mean and the (biased) variance of the channel over the samples of the run, its
 * steps and space; they are written to the tensors `batchMean` and `batchVariance`, and the running statistics become
 * (1 - momentum) * running + momentum * batch, with the unbiased variance (PyTorch's convention; a channel with one value
 * keeps its running variance). With "running", m and v are the running statistics. All are tensors [1, columns].
 *
 * The variance comes from deviations from the mean, not from a difference of large sums: with a mean of 1000 standard
 * deviations, results in single precision are within 1e-4 of a standard deviation.
 */
export interface Normalize {
  readonly op: "normalize";
  readonly statistics: "batch" | "running";
  readonly epsilon: number;
  readonly from: string;
  readonly gain: string;
  readonly shift: string;
  readonly mean: string;
  readonly variance: string;
  /** Needed by "batch". */
  readonly momentum?: number;
  readonly batchMean?: string;
  readonly batchVariance?: string;
  readonly to: string;
}

/**
 * Adjoint of a normalization by batch statistics, which depend on `from` too: to = dL/d from. Writes the gradients of gain
 * and shift, tensors [1, columns]. Rows of `to` are those of `from`; where `from` has one row per sample, the error is
 * summed over steps.
 */
export interface NormalizeGradient {
  readonly op: "normalizeGradient";
  readonly epsilon: number;
  readonly error: string;
  readonly from: string;
  readonly gain: string;
  readonly batchMean: string;
  readonly batchVariance: string;
  readonly to: string;
  readonly gainGradient: string;
  readonly shiftGradient: string;
}

/**
 * Forward scan of a neuron over all steps. With `recurrent` (tensor [units, units]), the current of step t also
 * contains sum_m y[t-1, m] * recurrent[m, n].
 *
 * A `mask` (dropout) multiplies the output that other units receive: `to`, and through it the recurrent connections.
 * The `y` that a unit's own formulas read, and the `y` in `carry`, are not masked.
 */
export interface Scan {
  readonly op: "scan";
  readonly neuron: NeuronKernel;
  readonly parameters: Readonly<Record<string, ParameterBinding>>;
  /** Signal of currents; one row per sample holds at every step. */
  readonly current: string;
  readonly recurrent?: string;
  /** Output signal (kind as the neuron's), rows "steps". */
  readonly to: string;
  /**
   * Signals of rows "steps" that receive the values that later operations or the host need, by name: `now__v` for a
   * state v, or `input` for the total current (recurrent part included).
   */
  readonly store: Readonly<Record<string, string>>;
  /**
   * Signal of role "kept", one row per sample, width (states + 1) * units: state after state, then y, as the next run
   * starts from them. It is read if the run's firstStep > 0 (otherwise the initial values are used) and written at the
   * end.
   */
  readonly carry?: string;
  /**
   * Signal of values, one row per sample: the dropout mask, by which the output of each step is multiplied. It is 0 or 1
   * for spikes, which stay bits.
   */
  readonly mask?: string;
}

/**
 * Dropout mask: `value` with probability `keep`, else 0: unit n is kept where
 * drawUniform(rowKey(seed, STREAM.dropout, epoch, sampleId, layer), n) < keep, compared in single precision.
 */
export interface DropoutMask {
  readonly op: "dropoutMask";
  readonly keep: number;
  /** Value of a unit that is kept. Default: 1 / keep. */
  readonly value?: number;
  readonly layer: number;
  readonly to: string;
}

/**
 * Read-out of the output layer: to[b, n] = scale * sum_t from[b, t, n], or scale * from[b, last, n]. `from` has rows
 * "steps": an output or a stored state. If firstStep > 0 and `to` is kept, `sum` adds to the earlier value.
 */
export interface Readout {
  readonly op: "readout";
  readonly kind: "sum" | "last";
  readonly scale: number;
  readonly from: string;
  readonly to: string;
}

/**
 * Loss per sample and its gradient, both divided by `divisor`, and by the samples of the run if `overSamples`. Several losses
 * add up where their gradients enter (`AdjointScan.errors`).
 */
export interface Loss {
  readonly op: "loss";
  readonly loss: LossKernel;
  readonly divisor: number;
  readonly overSamples: boolean;
  /** Signal of values; its rows are the kernel's. */
  readonly from: string;
  /** Signal (role input) of targets, e.g. one-hot labels, of the same width; left out if the kernel reads none. */
  readonly target?: string;
  /** Signal of values, of the rows and width of `from`. */
  readonly gradient: string;
  /** Signal of values, one row per sample, width 1. */
  readonly value: string;
}

/** A derivative of the loss that enters an adjoint scan: `scale` times the signal. */
export interface ErrorSource {
  /** Rows "steps", or one row per sample that applies to every step or to the last step only. */
  readonly signal: string;
  readonly at: "every" | "last";
  /**
   * The derivative is with respect to the output y (`output`), or to a state's stored value (`now__v`; the seed
   * `d__now__v`).
   */
  readonly of: "output" | string;
  readonly scale: number;
}

/**
 * Adjoint scan of a run with firstStep = 0: maps the errors at the output and at stored states of each step to the
 * error at the current. t descends; see NeuronKernel.adjoint. With `recurrent`, the error at the output of t-1 also
 * contains sum_n d__input[t, n] * recurrent[m, n]. With `mask`, an error at the output (from above or through
 * `recurrent`) is multiplied by it before it becomes d__y__now; the propagated d__y is not.
 *
 * Each signal of `parameterErrors` receives sum_t d__p[t, n]. Initial values depend on parameters too, so the first
 * step also adds the kernel's `initialAdjoint` of the d__v that it propagates. Truncation does not prevent this, since
 * the first window starts from the initial values. Of the kernel's `carry`, only the names (`v`, `y`) that the
 * required adjoint formulas read may be computed: the others may need values that were not stored.
 */
export interface AdjointScan {
  readonly op: "adjointScan";
  readonly neuron: NeuronKernel;
  readonly parameters: Readonly<Record<string, ParameterBinding>>;
  readonly recurrent?: string;
  /** Signals that the forward scan stored, by the names in the kernel's `adjointNeeds`. */
  readonly stored: Readonly<Record<string, string>>;
  /** At least one; errors at the same place add up, in this order. */
  readonly errors: readonly ErrorSource[];
  /**
   * Truncated BPTT: no error is propagated from step t to t - 1 if t is a multiple of this, neither through the state
   * nor through `recurrent`.
   */
  readonly truncate?: number;
  /** Dropout mask of the forward scan. */
  readonly mask?: string;
  /** Error at the current, rows "steps". */
  readonly to: string;
  /**
   * Tensor [1, columns] by which `to` is multiplied (GRAPES, propagating); errors propagated in time and
   * `parameterErrors` are not multiplied.
   */
  readonly factor?: string;
  /** Per trained parameter, a signal of one row per sample: the sum over steps of its derivative for each unit. */
  readonly parameterErrors: Readonly<Record<string, string>>;
}

/**
 * Effect of single spikes on the loss, for neighborhood aggregation. The neighbor t of a unit's spike train has the same
 * spikes before step t, the opposite at t, and after t those that follow from the kernel's `flipped` start and the same
 * currents. With y' and s' for its outputs and states, and f[r] = smoothing * f[r-1] + y'[r] - y[r] (f[t-1] = 0):
 *
 *   to[b, t, n] = factor[t] * (sum_{r>=t} error[b, r, n] * f[r] + sum_{r>t} sum_s error_s[b, r, n] * (s'[r] - s[r]))
 *
 * where error is the sum of the errors at the output, times the dropout mask, error_s that at the stored state `now__s`, one of
 * the kernel's traces, and factor the kernel's weighting of the step. The run has firstStep = 0, and no recurrent connections.
 */
export interface Neighbors {
  readonly op: "neighbors";
  readonly neuron: NeighborKernel;
  readonly parameters: Readonly<Record<string, ParameterBinding>>;
  /** Signal of currents; one row per sample holds at every step. */
  readonly current: string;
  /** Signals that the forward scan stored, by the names in `neighborNeeds` and those of errors at states. */
  readonly stored: Readonly<Record<string, string>>;
  /** At least one; errors at the same place add up, in this order. */
  readonly errors: readonly ErrorSource[];
  /** At least 0 and below 1; 0 leaves the differences of the spikes as they are. */
  readonly smoothing: number;
  /** Dropout mask of the forward scan. */
  readonly mask?: string;
  /** Signal of values, rows "steps". */
  readonly to: string;
}

/**
 * Scaling of a signal by its own size. With `mean`, the mean of |from| over the samples of the run, rows and units:
 * to = f * from and size[0, 0] = mean * |f|, where the value f of `formula` reads the symbols `mean` and, if a
 * `reference` (a tensor [1, 1]) is given, `reference`. Rows of `to` are those of `from`.
 */
export interface Rescale {
  readonly op: "rescale";
  readonly from: string;
  readonly formula: Expression;
  readonly reference?: string;
  /** Tensor [1, 1]: the mean of |to|. */
  readonly size: string;
  readonly to: string;
}

/**
 * Input gradient, the error times the transposed weights: to[b, t, i] = sum_n error[b, t, n] * weights[i, n], or the
 * transposed convolution, with the forward weights or with feedback weights. Rows of `to` are those of `error`.
 */
export interface InputGradient {
  readonly op: "inputGradient";
  readonly error: string;
  readonly weights: string;
  readonly convolution?: Convolution;
  readonly to: string;
}

/**
 * to[i, n] = sum_{b,t} from[b, t, i] * error[b, t, n]; with `delayed`, from[b, t-1, i] (recurrent weights; 0 at t =
 * 0). `error` has rows "steps", or those of `from`; a `from` of one row per sample applies to every step. `to` is
 * overwritten. For a convolution, the sum over the positions of its windows too.
 */
export interface WeightGradient {
  readonly op: "weightGradient";
  readonly from: string;
  readonly error: string;
  /** false for a convolution. */
  readonly delayed: boolean;
  readonly convolution?: Convolution;
  readonly to: string;
}

/** to[0, c] = sum over samples, steps and the units n with n % columns = c of from[b, t, n]; `to` is a tensor [1, columns]. */
export interface UnitGradient {
  readonly op: "unitGradient";
  readonly from: string;
  readonly to: string;
}

/** Elementwise update of a tensor and the optimizer's states (tensors of the same shape). */
export interface Update {
  readonly op: "update";
  readonly rule: OptimizerKernel;
  readonly weight: string;
  readonly gradient: string;
  readonly states: Readonly<Record<string, string>>;
  /** Tensor [1, columns], if the optimizer uses it. */
  readonly factor?: string;
  /** Names of the run's scalars that provide the optimizer's uniforms. */
  readonly uniforms: Readonly<Record<string, string>>;
}

/** Reductions of tensors: to[0, n] = sum_i |from[i, n]| (importance), or to[0, 0] = the sum of squares. */
export interface Reduce {
  readonly op: "reduce";
  readonly kind: "absoluteColumns" | "squares";
  readonly from: string;
  readonly to: string;
}

export type Operation =
  | Encode
  | Current
  | Pool
  | PoolGradient
  | Add
  | Normalize
  | NormalizeGradient
  | Scan
  | DropoutMask
  | Readout
  | Loss
  | AdjointScan
  | Neighbors
  | Rescale
  | InputGradient
  | WeightGradient
  | UnitGradient
  | Update
  | Reduce;

/** Inputs that change from run to run. */
export interface RunInputs {
  /** Samples in this run, 1 .. batch. Operations and sums cover only these. */
  readonly samples: number;
  /**
   * Signals of role "input": values as numbers [samples, steps or 1, width]; spikes as bits [samples, steps, ceil(width / 32)],
   * where unit i is bit i % 32 (counted from the lowest) of word floor(i / 32), and the bits after the last unit are 0.
   */
  readonly signals?: Readonly<Record<string, Float32Array | Uint32Array>>;
  /**
   * Identity of each sample in its data set, at least `samples` long: part of the key of its random numbers. Required
   * by a procedure that draws (an encoder that uses `u`, a dropout mask).
   */
  readonly sampleIds?: Uint32Array;
  /** Default 0, as for `epoch` and `firstStep`. */
  readonly seed?: number;
  readonly epoch?: number;
  /** Absolute index of the run's first step; > 0 continues a stream. */
  readonly firstStep?: number;
  /** Values of the uniforms named by update operations. */
  readonly scalars?: Readonly<Record<string, number>>;
}

export interface Program {
  /** Bytes of memory that its tensors and signals take. */
  readonly memoryBytes: number;
  run(procedure: string, inputs: RunInputs): Promise<void>;
  /** A copy of a tensor [rows, columns]. */
  readTensor(name: string): Promise<Float32Array>;
  writeTensor(name: string, data: Float32Array): Promise<void>;
  /**
   * A copy of a result or kept signal of the latest run of the procedure, [samples, steps or 1, width]; spikes as 0 and 1.
   */
  readSignal(procedure: string, name: string): Promise<Float32Array>;
  dispose(): Promise<void>;
}

export interface DeviceReport {
  /** Name as requested: `simd`, `gpujs:webasm` ... */
  readonly name: string;
  /** Description of the actual executor, e.g. `WebAssembly SIMD, 2 threads` or gpu.js's executor kind. */
  readonly executor: string;
  /** Threads that compute, including the calling one. Default: 1. */
  readonly threads?: number;
  /** Reason why a better executor was not used, if so. */
  readonly fallbackReason?: string;
}

export interface Device {
  readonly report: DeviceReport;
  /** Throws a SpikevineError for a plan that this device cannot run. */
  compile(plan: Plan): Promise<Program>;
  dispose(): Promise<void>;
}
