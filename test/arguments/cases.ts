import * as data from "#spikevine/src/data/index";
import * as formats from "#spikevine/src/formats/index";
import * as root from "#spikevine/src/index";
import * as io from "#spikevine/src/io/index";
import * as models from "#spikevine/src/model/index";
import * as plots from "#spikevine/src/plots/index";
import * as simulationEntry from "#spikevine/src/simulation/index";
import * as sweep from "#spikevine/src/sweep/index";

/** A call with valid arguments, from which invalid ones are derived. */
export interface Case {
  readonly call: (...args: never[]) => unknown;
  readonly args: readonly unknown[];
  /** Arguments that have to be there. */
  readonly least: number;
  /** Fields that have to be there, in the arguments that are objects of options. */
  readonly required?: readonly string[];
  /** Arguments whose fields are looked at, besides the last one. Others are data. */
  readonly options?: number;
  /** Arguments that may be anything. */
  readonly anything?: readonly number[];
  /** Not called with right arguments: it writes files, opens the network or a thread. */
  readonly isDry?: true;
}

const { cobaLif, dense, network, rate, sgd, snu, stdp, exponentialEuler, arctan } = root;
const about = { name: "mine", summary: "One.", source: "here" };
const data2 = root.dataset({ images: new Float32Array(16), labels: [0, 1, 0, 1] });
const images = root.dataset({ images: new Uint8Array(16), labels: [0, 1, 0, 1], shape: [2, 2] });
const events = {
  events: [{ x: Uint16Array.of(1), y: Uint16Array.of(0), p: Uint8Array.of(0), t: Uint32Array.of(5) }],
  shape: [1, 2, 2],
  bin: "1 ms",
  steps: 2,
  as: "spikes",
  labels: [0],
  classes: 2,
  name: "a",
};
const recording = { x: Uint16Array.of(1), y: Uint16Array.of(0), p: Uint8Array.of(0), t: Uint32Array.of(5) };
const eventFiles = {
  folder: "/nowhere",
  sensor: [1, 2, 2],
  bin: "1 ms",
  steps: 3,
  as: "spikes",
  transform: (given: object) => given,
  cache: "/nowhere",
  cacheKey: "a",
  count: 1,
  columns: "xt",
  unit: "us",
};
const net = () => network({ inputs: 4, encoder: rate(), steps: 3, layers: [dense(2, snu())] });
const device = "reference";

type Factory = (options: never) => unknown;
const factory = (call: Factory, options: object): Case => ({ call, args: [options], least: 0, options: 0 });
const options = (call: Factory, given: object, required: readonly string[], rest: Partial<Case> = {}): Case => ({
  call,
  args: [given],
  least: required.length > 0 ? 1 : 0,
  options: 0,
  required,
  ...rest,
});
const dry = { isDry: true } as const;
const path = "/nowhere/else";

const sim = () => {
  const simulation = simulationEntry.simulation();
  const cells = simulation.population("cells", 2, cobaLif());
  const projection = simulation.connect(cells, cells, { pattern: "all-to-all", weight: 1, synapse: stdp() });
  const input = simulation.input(cells, { current: "0 pA" });
  return { simulation, cells, projection, input };
};
const given = sim();
/** A simulation of its own for each call, with the first argument translated to it. */
const inSimulation = (
  method: (own: ReturnType<typeof sim>, args: unknown[]) => unknown,
  args: readonly unknown[],
  rest: Omit<Case, "call" | "args">,
): Case => ({
  call: (...called: unknown[]) => {
    const own = sim();
    const parts = new Map<unknown, unknown>([
      [given.cells, own.cells],
      [given.projection, own.projection],
      [given.input, own.input],
    ]);
    const translated = called.map((arg) => parts.get(arg) ?? arg);
    return method(own, translated);
  },
  args,
  ...rest,
});
const synapses = { pattern: { probability: 0.5 }, target: "ge", weight: "1 nS", delay: "1 ms", autapses: false };
const trace = { every: 2, limit: 10 };

const trained = net();
const tensor = { shape: [2], data: new Float32Array(2) };
const tensors = new Map([["a", tensor]]);
const file = { tensors: new Map(), metadata: new Map() };
const stateDict = io.serializeSafetensors(new Map([["fc.weight", { shape: [2, 4], data: new Float32Array(8) }]]));
const point = sweep.sweepPoint({ a: 1 }, 1);
const table = sweep.sweepTable([
  { id: "1", settings: { a: 1 }, seed: 1, metrics: { accuracy: 0.5 }, curves: {}, seconds: 1 },
]);
const population = { name: "p", size: 2, times: [1, 2], units: [0, 1] };

/** Every exported function, by entry and name. */
export const CASES: Readonly<Record<string, Readonly<Record<string, Case>>>> = {
  ".": {
    diagnoseActivity: {
      call: root.diagnoseActivity,
      args: [[{ name: "layer1", units: 1, rate: 0, silent: 0, saturated: 0 }]],
      least: 1,
    },
    diagnoseProgress: {
      call: root.diagnoseProgress,
      args: [[{ loss: 1, accuracy: 0.5 }], data2],
      least: 2,
    },
    adam: factory(root.adam, { learningRate: 0.1, beta1: 0.5, beta2: 0.9, epsilon: 1, biasCorrection: false }),
    adamW: factory(root.adamW, { learningRate: 0.1, beta1: 0.5, beta2: 0.9, epsilon: 1, weightDecay: 0.1 }),
    adex: factory(root.adex, { capacitance: "281 pF", tauW: "100 ms", tauE: "5 ms" }),
    alif: factory(root.alif, { tauA: "100 ms", beta: 0.2, threshold: 0.5, detachReset: true, surrogate: arctan() }),
    alpha: factory(root.alpha, { alpha: 0.9, beta: 0.5, reset: "subtract", detachReset: false }),
    integrator: factory(root.integrator, { threshold: 2, rest: 0.5, reset: "subtract", detachReset: true }),
    leaky: factory(root.leaky, { beta: 0.5, threshold: 2, reset: "zero", detachReset: false, surrogate: arctan() }),
    rLeaky: factory(root.rLeaky, { beta: 0.5, V: 0.5, allToAll: false, reset: "none" }),
    synaptic: factory(root.synaptic, { alpha: 0.5, beta: 0.5, reset: "none" }),
    randomAffine: factory(root.randomAffine, { rotation: 1, scale: 0.1, shear: 1, translation: 1 }),
    arctan: factory(root.arctan, { slope: 1 }),
    bioAdam: factory(root.bioAdam, { tauM: 10, integrator: "exact", cap: 1, predisposition: { temperature: 1 } }),
    bioAdamDynamics: factory(root.bioAdamDynamics, { tauM: "1 ms", mRest: 1, integrator: exponentialEuler }),
    boxcar: factory(root.boxcar, { height: 1, width: 1 }),
    cobaLif: factory(root.cobaLif, { leak: "10 nS", refractory: "1 ms" }),
    weightAlignment: { call: root.weightAlignment, args: [new Float32Array(2), new Float32Array(2)], least: 2 },
    chainGradient: { call: root.chainGradient, args: [sgd(), "2 * gradient", []], least: 2 },
    confusionMatrix: { call: root.confusionMatrix, args: [[0, 1], new Uint8Array([0, 1]), 2], least: 2 },
    constantSchedule: { call: root.constantSchedule, args: [], least: 0 },
    constantCurrent: factory(root.constantCurrent, { gain: 1 }),
    cosineDecay: factory(root.cosineDecay, { floor: 0.1 }),
    crossEntropy: factory(root.crossEntropy, { scale: 2, weight: 0.5, of: root.everyState("v"), unit: "1 mV" }),
    cubaLif: factory(root.cubaLif, { tauE: "5 ms" }),
    dataset: options(
      root.dataset,
      {
        images: new Uint8Array(16),
        labels: [0, 1, 0, 1],
        name: "a",
        classes: 2,
        shape: [2, 2],
        scale: 16,
        onWarning() {},
      },
      ["images", "labels"],
    ),
    dormandPrince: factory(root.dormandPrince, { tolerance: 1e-6 }),
    delta: factory(root.delta, { threshold: 0.2, offSpikes: true }),
    direct: factory(root.direct, {}),
    defineEncoder: options(
      root.defineEncoder,
      { ...about, parameters: { a: { value: 1, summary: "a" } }, current: "a * x" },
      ["name"],
    ),
    defineLoss: options(
      root.defineLoss,
      {
        ...about,
        parameters: { a: { value: "1 mV", summary: "a" } },
        loss: "y / a",
        unit: "mV",
      },
      ["name"],
    ),
    defineNeuron: options(
      root.defineNeuron,
      {
        ...about,
        states: { v: { summary: "v" } },
        parameters: { tau: { value: "1 ms", summary: "time" } },
        dynamics: { v: "-v / tau + I / tau" },
        spike: "v - 1",
        reset: { v: "v * (1 - y)" },
        surrogate: arctan(),
        integrator: exponentialEuler,
        input: { symbol: "I" },
        derived: { leak: "v / tau" },
        refractory: "2 ms",
        unlessRefractory: ["v"],
        calculus: "ito",
      },
      ["name"],
    ),
    defineOptimizer: options(
      root.defineOptimizer,
      { ...about, parameters: { rate: { value: 1, summary: "r" } }, weight: "weight - rate * gradient" },
      ["name", "parameters", "weight"],
    ),
    defineSurrogate: options(
      root.defineSurrogate,
      { ...about, derivative: "1 / (1 + z^2)", smooth: "atan(z)", parameters: {} },
      ["name", "derivative", "smooth"],
    ),
    defineSynapse: options(
      root.defineSynapse,
      {
        ...about,
        states: { x: { summary: "trace" } },
        parameters: { tau: { value: "1 ms", summary: "time" } },
        dynamics: { x: "-x / tau" },
        onPre: { x: "x + 1" },
        calculus: "ito",
        onPost: { weight: "weight + x" },
        weight: {},
      },
      ["name"],
    ),
    dense: {
      call: dense,
      args: [
        2,
        snu(),
        { bias: true, recurrent: true, dropout: 0, initializer: root.heUniform, trainable: { threshold: "layer" } },
      ],
      least: 1,
      options: 2,
    },
    convolution: {
      call: root.convolution,
      args: [
        2,
        [3, 3],
        snu(),
        {
          stride: 1,
          padding: [1, 0],
          dilation: 1,
          groups: 1,
          bias: true,
          dropout: 0,
          initializer: root.heUniform,
          trainable: { threshold: "channel" },
        },
      ],
      least: 2,
      options: 3,
    },
    averagePool: { call: root.averagePool, args: [2, { stride: 2, padding: 1 }], least: 1, options: 1 },
    sumPool: { call: root.sumPool, args: [2, { stride: 2, padding: 1 }], least: 1, options: 1 },
    maxPool: { call: root.maxPool, args: [2, { stride: 2, padding: 1 }], least: 1, options: 1 },
    batchNorm: factory(root.batchNorm, { epsilon: 1e-5, momentum: 0.1 }),
    foldNormalization: { call: root.foldNormalization, args: [trained], least: 1 },
    flatten: { call: root.flatten, args: [], least: 0 },
    neuronLayer: {
      call: root.neuronLayer,
      args: [snu(), { recurrent: true, dropout: 0, initializer: root.heUniform, trainable: { threshold: "layer" } }],
      least: 1,
      options: 1,
    },
    residual: { call: root.residual, args: [[dense(2, snu())], [dense(2)]], least: 1 },
    scale: { call: root.scale, args: [0.5], least: 1 },
    shortForm: {
      call: root.shortForm,
      args: [
        "20-AP2",
        snu(),
        {
          bias: true,
          recurrent: true,
          dropout: 0,
          initializer: root.heUniform,
          trainable: { threshold: "layer" },
        },
      ],
      least: 2,
      options: 2,
    },
    neighborhoodAggregation: factory(root.neighborhoodAggregation, { power: 2, smoothing: 0.5 }),
    elasticTransform: factory(root.elasticTransform, { sigma: 4, alpha: 30 }),
    evaluate: {
      call: root.evaluate,
      args: [
        trained,
        data2,
        { device, steps: 2, batchSize: 2, seed: 1, loss: "cross-entropy", onBatch() {}, threads: 1 },
      ],
      least: 2,
      options: 2,
    },
    predict: {
      call: root.predict,
      args: [
        trained,
        data2,
        { device, steps: 2, batchSize: 2, seed: 1, loss: "cross-entropy", onBatch() {}, threads: 1 },
      ],
      least: 2,
      options: 2,
    },
    fastSigmoid: factory(root.fastSigmoid, { slope: 1 }),
    everyOutput: { call: root.everyOutput, args: [], least: 0 },
    everyState: { call: root.everyState, args: ["v"], least: 1 },
    firstSpike: factory(root.firstSpike, { scale: 0.5, weight: 0.5 }),
    feedbackWeights: { call: root.feedbackWeights, args: [trained, "feedback-alignment"], least: 1 },
    fitPlateau: { call: root.fitPlateau, args: [[0.5, 0.66, 0.75, 0.8]], least: 1 },
    glorotUniform: { call: root.glorotUniform, args: [2, 2], least: 2 },
    gradients: {
      call: root.gradients,
      args: [trained, data2, { loss: "cross-entropy", reduction: "sum", truncationSteps: 2, device, seed: 1 }],
      least: 2,
      options: 2,
    },
    grapes: factory(root.grapes, {
      version: "local",
      control: "none",
      bound: "below",
      grouping: "incoming",
      dropped: "modulated",
    }),
    heUniform: { call: root.heUniform as Case["call"], args: [2], least: 1 },
    hodgkinHuxley: factory(root.hodgkinHuxley, { channels: "squid", leak: "60 nS" }),
    importanceFactors: { call: root.importanceFactors, args: [new Float32Array(2), 0, 1], least: 1 },
    izhikevich: factory(root.izhikevich, { type: "chattering", a: 0.1 }),
    l1Penalty: factory(root.l1Penalty, { weight: 0.5, layers: ["layer1"] }),
    l2Penalty: factory(root.l2Penalty, { weight: 0.5, layers: "all" }),
    largestPotential: factory(root.largestPotential, { state: "v", weight: 0.5, unit: "1 mV" }),
    lastOutput: { call: root.lastOutput, args: [], least: 0 },
    lastState: { call: root.lastState, args: ["v"], least: 1 },
    latency: factory(root.latency, { window: "3 ms", minimum: 0.1 }),
    li: factory(root.li, { tau: "20 ms", rest: 0, resistance: 1 }),
    lif: factory(root.lif, { tau: "20 ms", reset: "soft", retention: 0.5, refractory: "2 ms", surrogate: arctan() }),
    linear: factory(root.linear, {}),
    listDevices: { call: root.listDevices, args: [], least: 0 },
    lossTerm: {
      call: root.lossTerm,
      args: [root.rateBounds().loss, { weight: 0.5, of: root.spikeRate(), layers: ["layer1"], unit: 1 }],
      least: 1,
      options: 1,
    },
    makeDigits: factory(root.makeDigits, { train: 1, test: 1, seed: 1 }),
    meanSquaredCount: factory(root.meanSquaredCount, { correct: 0.8, incorrect: 0.1, weight: 0.5 }),
    meanSquaredError: factory(root.meanSquaredError, { weight: 0.5, of: root.everyOutput(), unit: 1 }),
    measureActivity: {
      call: root.measureActivity,
      args: [trained, data2, { samples: 1, steps: 1, device, seed: 1 }],
      least: 2,
      options: 2,
    },
    momentum: factory(root.momentum, { learningRate: 0.1, momentum: 0.5 }),
    nesterov: factory(root.nesterov, { learningRate: 0.1, momentum: 0.5 }),
    network: options(
      network,
      {
        inputs: 4,
        encoder: rate(),
        steps: 2,
        dt: "1 ms",
        layers: [dense(2, snu())],
        readout: root.spikeCount(),
        seed: 1,
        data: images,
      },
      ["inputs", "encoder", "steps", "layers"],
    ),
    eventDataset: options(root.eventDataset, events, ["events", "shape", "bin", "labels"]),
    openStream: {
      call: async (...given: never[]) =>
        (await (root.openStream as (...all: never[]) => Promise<root.NetworkStream>)(...given)).close(),
      args: [trained, { input: "values", device, threads: 1, seed: 1 }],
      least: 1,
      options: 1,
    },
    seriesDataset: options(
      root.seriesDataset,
      { values: new Float32Array(8), labels: [0, 1], name: "a", classes: 2, inputs: 4, shape: [1, 2, 2], steps: 1 },
      ["values", "labels"],
    ),
    spikeDataset: options(
      root.spikeDataset,
      { spikes: new Uint8Array(8), labels: [0, 1], name: "a", classes: 2, inputs: 4, shape: [1, 2, 2], steps: 1 },
      ["spikes", "labels"],
    ),
    streamedDataset: options(
      root.streamedDataset,
      {
        name: "a",
        count: 4,
        pixels: 4,
        classes: 2,
        shape: [2, 2],
        form: { kind: "values", steps: 2, bin: 1000 },
        targets: { width: 2, steps: 2 },
        read: async () => images,
      },
      ["name", "count", "pixels", "classes", "read"],
    ),
    openDevice: { call: root.openDevice, args: [device, { threads: 1 }], least: 0, options: 1 },
    poisson: factory(root.poisson, { rate: "10 Hz" }),
    rateBounds: factory(root.rateBounds, { lower: 0.1, upper: 0.3, weight: 0.5, layers: "all" }),
    rateRegularization: factory(root.rateRegularization, { rate: 0.1, power: 1, weight: 0.5, layers: ["layer1"] }),
    rate: factory(root.rate, { maxRate: 0.5 }),
    record: {
      call: root.record,
      args: [trained, new Float32Array(4), { steps: 2, device, seed: 1 }],
      least: 2,
      options: 2,
    },
    relu: factory(root.relu, {}),
    rmsprop: factory(root.rmsprop, { learningRate: 0.1, decay: 0.5, epsilon: 1 }),
    sweepSynapses: {
      call: root.sweepSynapses,
      args: [
        stdp(),
        {
          dt: "1 ms",
          duration: "3 ms",
          pre: [[1]],
          post: [[2]],
          over: { aPlus: [0.1, 0.2], tauPlus: ["10 ms"] },
          threads: 1,
        },
      ],
      least: 2,
      options: 1,
      required: ["dt", "duration", "over"],
    },
    simulateSynapses: {
      call: root.simulateSynapses,
      args: [
        stdp(),
        {
          dt: "1 ms",
          duration: "3 ms",
          synapses: 1,
          weight: 0.5,
          pre: [[1]],
          post: [[2]],
          record: ["weight"],
          every: 1,
        },
      ],
      least: 2,
      options: 1,
      required: ["dt", "duration"],
    },
    sgd: factory(sgd, { learningRate: 0.1 }),
    snu: factory(snu, { decay: 0.5, threshold: 1, activation: "relu", reset: "zero", surrogate: arctan() }),
    spikeCount: { call: root.spikeCount, args: [], least: 0 },
    spikeRate: { call: root.spikeRate, args: [], least: 0 },
    ssnu: factory(root.ssnu, { decay: 0.5, threshold: 1, activation: "relu", reset: "zero" }),
    stdp: factory(stdp, { tauPlus: "20 ms", aPlus: 0.1, unit: "nS", maxWeight: "1 nS", pairing: "nearest" }),
    stepDecay: options(root.stepDecay, { every: 1, factor: 0.5 }, ["every", "factor"]),
    synapticScaling: factory(root.synapticScaling, {
      target: "5 Hz",
      tau: "1 s",
      gain: 1,
      integralGain: "1 Hz",
      unit: "nS",
    }),
    tanh: factory(root.tanh, {}),
    tanhDerivative: factory(root.tanhDerivative, {}),
    train: {
      call: root.train,
      args: [
        trained,
        {
          data: images,
          validation: images,
          epochs: 1,
          batchSize: 2,
          microBatchSize: 1,
          loss: "cross-entropy",
          reduction: "mean",
          optimizer: sgd(),
          credit: "backpropagation",
          hardware: { updateNoise: 0.1 },
          schedule: root.constantSchedule(),
          maxGradNorm: 1,
          truncationSteps: 2,
          patience: 1,
          device,
          seed: 1,
          resampleEachEpoch: true,
          augment: [],
          augmentWorkers: 0,
          onBatch() {},
          onEpoch() {},
          onWarning() {},
          signal: new AbortController().signal,
        },
      ],
      least: 2,
      options: 1,
      required: ["data", "epochs", "optimizer"],
    },
    triangle: factory(root.triangle, { height: 1, width: 1 }),
    tripletStdp: factory(root.tripletStdp, { tauPlus: "10 ms", a2Plus: 0.1, maxWeight: 2, pairing: "nearest" }),
    // biome-ignore lint/suspicious/noThenProperty: the schedule that follows
    linearWarmup: options(root.linearWarmup, { epochs: 1, then: root.constantSchedule() }, ["epochs"]),
    weightDecay: { call: root.weightDecay, args: [0.1], least: 1 },
  },
  "./data": {
    parseSpikingHeidelberg: {
      call: data.parseSpikingHeidelberg,
      args: [new Uint8Array(0), "a.h5", { bin: "1 ms", steps: 3, as: "spikes", count: 1 }],
      least: 3,
      required: ["bin"],
      ...dry,
    },
    readEventFiles: options(data.readEventFiles, eventFiles, ["folder", "sensor", "bin"], dry),
    streamEventFiles: options(data.streamEventFiles, eventFiles, ["folder", "sensor", "bin"], dry),
    alignTime: { call: data.alignTime, args: [recording], least: 1 },
    centerCrop: {
      call: data.centerCrop,
      args: [recording, { sensor: [1, 2, 2], size: [1, 1] }],
      least: 2,
      required: ["sensor", "size"],
    },
    cropTime: { call: data.cropTime, args: [recording, { from: "0 ms", to: "1 ms" }], least: 2 },
    decimateEvents: { call: data.decimateEvents, args: [recording, { every: 2 }], least: 2, required: ["every"] },
    denoise: { call: data.denoise, args: [recording, { within: "1 ms" }], least: 2, required: ["within"] },
    downsampleEvents: { call: data.downsampleEvents, args: [recording, { space: 0.5 }], least: 2, required: ["space"] },
    dropEvents: {
      call: data.dropEvents,
      args: [recording, { fraction: 0.5, seed: 1 }],
      least: 2,
      required: ["fraction", "seed"],
    },
    dropPixels: {
      call: data.dropPixels,
      args: [recording, { fraction: 0.5, seed: 1 }],
      least: 2,
      required: ["fraction", "seed"],
    },
    eventFrames: {
      call: data.eventFrames,
      args: [
        recording,
        { sensor: [1, 2, 2], window: "1 ms", overlap: "0 ms", includeIncomplete: true, start: "0 ms", as: "bits" },
      ],
      least: 2,
      required: ["sensor", "window"],
    },
    flipLeftRight: {
      call: data.flipLeftRight,
      args: [recording, { sensor: [1, 2, 2], probability: 1, seed: 1 }],
      least: 2,
      required: ["sensor"],
    },
    flipPolarity: { call: data.flipPolarity, args: [recording, { probability: 1, seed: 1 }], least: 1 },
    flipUpDown: {
      call: data.flipUpDown,
      args: [recording, { sensor: [1, 2, 2], probability: 1, seed: 1 }],
      least: 2,
      required: ["sensor"],
    },
    mergePolarities: { call: data.mergePolarities, args: [recording], least: 1 },
    parseAedat: { call: data.parseAedat, args: [new TextEncoder().encode("#!AER-DAT2.0\r\n"), "a"], least: 2 },
    parseNpyEvents: {
      call: data.parseNpyEvents,
      args: [io.serializeNpy({ shape: [1, 2], data: new Float32Array(2) }), "a", { columns: "xt", unit: "us" }],
      least: 2,
    },
    randomCrop: {
      call: data.randomCrop,
      args: [recording, { sensor: [1, 2, 2], size: [1, 1], seed: 1 }],
      least: 2,
      required: ["sensor", "size", "seed"],
    },
    refractoryPeriod: {
      call: data.refractoryPeriod,
      args: [recording, { period: "1 ms" }],
      least: 2,
      required: ["period"],
    },
    spatialJitter: {
      call: data.spatialJitter,
      args: [recording, { sensor: [1, 2, 2], deviation: 1, seed: 1 }],
      least: 2,
      required: ["sensor", "deviation", "seed"],
    },
    timeJitter: {
      call: data.timeJitter,
      args: [recording, { deviation: "1 ms", seed: 1 }],
      least: 2,
      required: ["deviation", "seed"],
    },
    timeSkew: { call: data.timeSkew, args: [recording, { factor: 1, offset: "0 ms" }], least: 2, required: ["factor"] },
    serializeIdx: options(data.serializeIdx, { shape: [2], data: new Uint8Array(2) }, ["shape", "data"]),
    pixelSwaps: options(data.pixelSwaps, { pixels: 4, exchanges: 1, seed: 1 }, ["pixels", "exchanges", "seed"]),
    loadDataset: { call: data.loadDataset, args: ["digits", { train: 1, test: 1, seed: 1 }], least: 1, options: 1 },
    loadMnist: options(
      data.loadMnist,
      { name: "mnist", dataDir: path, cacheDir: path, env: {}, timeoutMs: 1 },
      ["name"],
      dry,
    ),
    loadCifar10: { ...options(data.loadCifar10, { dataDir: path, cacheDir: path, env: {}, timeoutMs: 1 }, [], dry) },
    parseCifar10: { call: data.parseCifar10, args: [new Uint8Array(3073), "a"], least: 2 },
    readDataset: {
      call: data.readDataset,
      args: [
        path,
        { images: "x", labels: "y", shape: [2, 2], scale: 16, classes: 2, classNames: ["a"], onWarning: () => {} },
      ],
      least: 1,
      options: 1,
      ...dry,
    },
    parseDataset: {
      call: data.parseDataset,
      args: [
        new TextEncoder().encode("a,b\n1,0\n"),
        "a.csv",
        { labels: "b", scale: 16, classes: 2, onWarning: () => {} },
      ],
      least: 2,
      options: 2,
    },
    selectSamples: { call: data.selectSamples, args: [images, Uint32Array.of(1, 0)], least: 2 },
    shuffleSamples: { call: data.shuffleSamples, args: [images, { seed: 1 }], least: 1, options: 1 },
    splitSamples: {
      call: data.splitSamples,
      args: [images, { share: 0.5, seed: 1 }],
      least: 2,
      options: 1,
      required: ["share"],
    },
    selectClasses: { call: data.selectClasses, args: [images, [1, 0]], least: 2 },
    balanceClasses: { call: data.balanceClasses, args: [images, { seed: 1 }], least: 1, options: 1 },
    normalize: {
      call: data.normalize,
      args: [images, { method: "range", like: images }],
      least: 2,
      options: 1,
      required: ["method"],
    },
    parseIdx: {
      call: data.parseIdx,
      args: [data.serializeIdx({ shape: [1], data: new Uint8Array(1) }), "a"],
      least: 2,
    },
    readIdx: { call: data.readIdx, args: [path], least: 1, ...dry },
    readImages: { call: data.readImages, args: [path], least: 1, ...dry },
    readLabels: { call: data.readLabels, args: [path], least: 1, ...dry },
    readImagesAndLabels: options(
      data.readImagesAndLabels,
      { images: path, labels: path, name: "a", classes: 2 },
      ["images", "labels", "name", "classes"],
      dry,
    ),
    streamImagesAndLabels: options(
      data.streamImagesAndLabels,
      { images: path, labels: path, name: "a", classes: 2 },
      ["images", "labels", "name", "classes"],
      dry,
    ),
    parseNmnist: { call: data.parseNmnist, args: [Uint8Array.of(1, 2, 128, 0, 5), "a"], least: 2 },
    readNmnist: options(
      data.readNmnist,
      { folder: path, split: "Train", name: "a", count: 1, bin: "1 ms", steps: 2, as: "counts" },
      ["folder", "bin"],
      dry,
    ),
    streamNmnist: options(
      data.streamNmnist,
      { folder: path, split: "Test", name: "a", count: 1, bin: "1 ms", steps: 2, as: "counts" },
      ["folder", "bin"],
      dry,
    ),
    permutePixels: { call: data.permutePixels, args: [images, Uint32Array.of(3, 2, 1, 0)], least: 2 },
    subset: { call: data.subset, args: [images, 1], least: 2 },
    describeDataset: { call: data.describeDataset, args: [images], least: 1 },
    writeIdx: {
      call: data.writeIdx,
      args: [path, { shape: [2], data: new Uint8Array(2) }],
      least: 2,
      options: 1,
      required: ["shape", "data"],
      ...dry,
    },
    Augmenter: options(
      ((config: never) => new data.Augmenter(config)) as Factory,
      { augmentations: [root.randomAffine()], shape: [2, 2], channels: "last", seed: 1 },
      ["augmentations", "shape", "seed"],
    ),
  },
  "./simulation": {
    balancedNetwork: factory(simulationEntry.balancedNetwork, {
      synapses: "cuba",
      size: 100,
      dt: "0.1 ms",
      seed: 1,
      precision: "double",
      executor: "wasm",
      onWarning() {},
    }),
    binnedRate: { call: simulationEntry.binnedRate, args: [[1, 2], 2, 1], least: 3 },
    exponential: { call: simulationEntry.exponential, args: [1, { min: 0, max: 1 }], least: 1, options: 1 },
    gamma: { call: simulationEntry.gamma, args: [2, 1, { min: 0, max: 1 }], least: 2, options: 2 },
    lognormal: { call: simulationEntry.lognormal, args: [1, 0.5, { min: 0, max: 1 }], least: 2, options: 2 },
    functionTable: {
      call: simulationEntry.functionTable,
      args: [[0, 1], [2, 3], { argument: "mV", unit: "ms", between: "steps" }],
      least: 2,
      options: 2,
    },
    timedArray: {
      call: simulationEntry.timedArray,
      args: [[1, 2], { dt: "1 ms", unit: "mV" }],
      least: 2,
      options: 1,
      required: ["dt"],
    },
    isiCv: { call: simulationEntry.isiCv, args: [Float64Array.of(1, 2, 4)], least: 1 },
    isi: { call: simulationEntry.isi, args: [Float64Array.of(1, 2, 4)], least: 1 },
    meanIsiCv: { call: simulationEntry.meanIsiCv, args: [[Float64Array.of(1, 2, 4)], 3], least: 1 },
    normal: { call: simulationEntry.normal, args: [0, 1, { min: 0, max: 1 }], least: 2, options: 2 },
    simulation: factory(simulationEntry.simulation, {
      dt: "0.1 ms",
      seed: 1,
      precision: "double",
      executor: "wasm",
      onWarning() {},
    }),
    uniform: { call: simulationEntry.uniform, args: [0, 1], least: 2 },
  },
  "./formats": {
    loadNir: {
      call: formats.loadNir,
      args: [
        new Uint8Array(8),
        {
          dt: "1 ms",
          timeUnit: "1 s",
          steps: 5,
          preset: "norse",
          name: "a.nir",
          scheme: "euler",
          reset: "file",
          resetTime: "same step",
          arrival: "same step",
          current: "old",
          firing: "above",
          gain: "file",
        },
      ],
      least: 2,
      required: ["dt", "steps"],
      ...dry,
    },
    saveNir: { call: formats.saveNir, args: [path, trained], least: 2, ...dry },
    serializeNir: { call: formats.serializeNir, args: [trained], least: 1, ...dry },
    serializeNirData: {
      call: formats.serializeNirData,
      args: [trained, { samples: 0, steps: 0, input: new Float32Array(), layers: [], readout: new Float32Array() }],
      least: 2,
      ...dry,
    },
    importStateDict: {
      call: formats.importStateDict,
      args: [trained, stateDict, { name: "x", names: {} }],
      least: 2,
    },
  },
  "./models": {
    buildModel: {
      call: models.buildModel,
      args: [models.describeModel(trained, "1"), "model"],
      least: 1,
      anything: [0],
    },
    diffDefinitions: {
      call: models.diffDefinitions,
      args: [models.fingerprints(trained), trained],
      least: 2,
    },
    checkWeightShapes: { call: models.checkWeightShapes, args: [file, [4, 2], "file"], least: 3, ...dry },
    describeModel: { call: models.describeModel, args: [trained, "1"], least: 2 },
    fingerprints: { call: models.fingerprints, args: [trained, sgd()], least: 1 },
    loadWeights: { call: models.loadWeights, args: [trained, file, "file"], least: 3, ...dry },
    loadModel: { call: models.loadModel, args: [path], least: 1, ...dry },
    definitionHashes: { call: models.definitionHashes, args: [file, "file"], least: 2, ...dry },
    serializeModel: { call: models.serializeModel, args: [trained, new Map()], least: 1, ...dry },
    saveModel: { call: models.saveModel, args: [path, trained, new Map()], least: 2, ...dry },
  },
  "./io": {
    csvRowWriter: { call: io.csvRowWriter, args: [path, ["a"]], least: 2, ...dry },
    openMetrics: { call: io.openMetrics, args: [path], least: 1, ...dry },
    npyRowWriter: { call: io.npyRowWriter, args: [path, 1], least: 2, ...dry },
    parseMetrics: { call: io.parseMetrics, args: ["{}\n", "a"], least: 2 },
    parseNpz: { call: io.parseNpz, args: [io.serializeNpz({}), "a"], least: 2 },
    parseNpy: {
      call: io.parseNpy,
      args: [io.serializeNpy({ shape: [1], data: new Float32Array(1) }), "a"],
      least: 2,
    },
    parseSafetensors: { call: io.parseSafetensors, args: [io.serializeSafetensors(tensors), "a"], least: 2 },
    readMetrics: { call: io.readMetrics, args: [path], least: 1, ...dry },
    readNpy: { call: io.readNpy, args: [path], least: 1, ...dry },
    readSafetensors: { call: io.readSafetensors, args: [path], least: 1, ...dry },
    runFolder: { call: io.runFolder, args: [path], least: 1 },
    serializeCsv: { call: io.serializeCsv, args: [{ a: [1, 2] }], least: 1 },
    serializeNpy: options(io.serializeNpy, { shape: [2], data: new Float64Array(2) }, ["shape", "data"]),
    serializeNpz: { call: io.serializeNpz, args: [{ a: { shape: [2], data: new Float64Array(2) } }], least: 1 },
    serializeSafetensors: { call: io.serializeSafetensors, args: [tensors, new Map()], least: 1 },
    writeMetrics: { call: io.writeMetrics, args: [path, [{}]], least: 2, ...dry },
    writeNpy: { call: io.writeNpy, args: [path, { shape: [1], data: new Float64Array(1) }], least: 2, ...dry },
    writeNpz: { call: io.writeNpz, args: [path, {}], least: 2, ...dry },
    writeSafetensors: { call: io.writeSafetensors, args: [path, tensors, new Map()], least: 2, ...dry },
  },
  "./plots": {
    eventPlot: options(plots.eventPlot, { title: "a", events: recording, width: 2 }, ["events", "width"]),
    eventFramePlot: options(
      plots.eventFramePlot,
      { title: "a", frames: { shape: [1, 1, 2, 2], data: new Uint16Array(4) }, most: 3 },
      ["frames"],
    ),
    rasterFromTimes: options(plots.rasterFromTimes, { title: "a", from: 0, to: 3, populations: [population] }, [
      "populations",
    ]),
    isiHistogram: options(
      plots.isiHistogram,
      { title: "a", from: 1, to: 3, bins: 3, populations: [{ name: "p", intervals: [1] }] },
      ["populations"],
    ),
    learningCurves: options(
      plots.learningCurves,
      { title: "a", curves: [{ name: "a", epochs: [1], loss: [1], accuracy: [null] }] },
      ["curves"],
    ),
    linePlot: options(
      plots.linePlot,
      {
        title: "a",
        panels: [{ title: "a", xLabel: "x", lines: [{ name: "a", x: [1, 2], y: [1, 2] }], fromZero: true }],
        columns: 1,
        note: ["a"],
      },
      ["title", "panels"],
    ),
    membraneTraces: options(
      plots.membraneTraces,
      { title: "a", unit: "mV", stepMs: 1, traces: [{ name: "a", values: [1, 2] }] },
      ["traces"],
    ),
    neuronResponse: options(
      plots.neuronResponse,
      {
        title: "a",
        stepMs: 1,
        input: { name: "I", values: [1] },
        states: [{ name: "v", values: [1] }],
        output: { name: "y", values: [1] },
      },
      ["title", "input", "states", "output"],
    ),
    populationRates: options(
      plots.populationRates,
      { title: "a", populations: [{ name: "p", times: [1], rates: [1] }] },
      ["populations"],
    ),
    rasterFromArray: options(
      plots.rasterFromArray,
      { title: "a", steps: 2, stepMs: 1, layers: [{ name: "a", units: 1, spikes: [0, 1] }] },
      ["steps", "layers"],
    ),
    vegaIsi: {
      call: plots.vegaIsi,
      args: [[{ name: "p", intervals: [1] }], { from: 1, to: 3, bins: 3, title: "a" }],
      least: 1,
      options: 1,
    },
    vegaRaster: { call: plots.vegaRaster, args: [[population], "a"], least: 1 },
    vegaRates: { call: plots.vegaRates, args: [[{ name: "p", times: [1], rates: [1] }], "a"], least: 1 },
    vegaTraces: { call: plots.vegaTraces, args: [[{ name: "p", times: [1], values: [1] }], "a"], least: 1 },
  },
  "./sweep": {
    collectSweep: options(sweep.collectSweep, { folder: path, points: [point] }, ["folder", "points"], dry),
    queueRunner: options(
      sweep.queueRunner,
      { address: "redis://localhost:1", name: "a", onNotice() {} },
      ["address"],
      dry,
    ),
    runQueueWorker: options(
      sweep.runQueueWorker,
      {
        address: "redis://localhost:1",
        name: "a",
        onNotice() {},
        runner: { slots: 1, async start() {}, async close() {} },
        check() {},
        signal: new AbortController().signal,
        claimMs: 1000,
        onPoint() {},
      },
      ["address", "runner", "signal"],
      dry,
    ),
    pointsCsv: { call: sweep.pointsCsv, args: [table], least: 1 },
    runSweep: options(
      sweep.runSweep,
      {
        folder: path,
        points: [point],
        runner: { slots: 1, async start() {}, async close() {} },
        onProgress() {},
        onPoint() {},
      },
      ["folder", "points", "runner"],
      dry,
    ),
    settingsCsv: { call: sweep.settingsCsv, args: [table], least: 1 },
    sweepMarkdown: { call: sweep.sweepMarkdown, args: [table], least: 1 },
    sweepPoint: { call: sweep.sweepPoint, args: [{ a: 1 }, 1], least: 2 },
    sweepPoints: options(sweep.sweepPoints, { fixed: { b: 1 }, vary: { a: [1] }, seeds: [1] }, ["vary", "seeds"]),
    sweepTable: { call: sweep.sweepTable, args: [[]], least: 1 },
    threadRunner: options(sweep.threadRunner, { module: "file:///a.js", run: "a", threads: 1 }, ["module", "run"]),
  },
};

/** Methods of the objects that these functions return. */
export const METHODS: Readonly<Record<string, Case>> = {
  "neuron.with": {
    call: snu().with,
    args: [{ parameters: { decay: 0.5 }, surrogate: arctan(), integrator: exponentialEuler }],
    least: 1,
    options: 0,
  },
  "neuron.kernel": {
    call: snu().kernel,
    args: [{ dt: 1, smooth: true, trained: [], numbers: false, varied: [] }],
    least: 1,
    options: 0,
    required: ["dt"],
  },
  "encoder.with": { call: rate().with, args: [{ maxRate: 0.5 }], least: 1, options: 0 },
  "encoder.kernel": { call: rate().kernel, args: [{ dt: 1 }], least: 1, options: 0, required: ["dt"] },
  "optimizer.with": { call: sgd().with, args: [{ learningRate: 0.5 }], least: 1, options: 0 },
  "synapse.with": {
    call: stdp().with,
    args: [{ parameters: { aPlus: 0.5 }, integrator: exponentialEuler }],
    least: 1,
    options: 0,
  },
  "synapse.kernel": { call: stdp().kernel, args: [{ dt: 1 }], least: 1, options: 0, required: ["dt"] },
  "surrogate.with": { call: arctan().with, args: [{ slope: 1 }], least: 1, options: 0 },
  "simulation.population": inSimulation(
    ({ simulation }, args) => simulation.population(...(args as Parameters<typeof simulation.population>)),
    [
      "more",
      2,
      cobaLif(),
      { initial: { v: "-60 mV" }, parameters: { tauE: "5 ms" }, positions: { x: 1 }, integrator: exponentialEuler },
    ],
    { least: 3, options: 3 },
  ),
  "simulation.source": inSimulation(
    ({ simulation }, args) => simulation.source(...(args as Parameters<typeof simulation.source>)),
    ["more", 2, { poisson: "10 Hz" }],
    { least: 3, options: 2, required: ["poisson"] },
  ),
  "simulation.connect": inSimulation(
    ({ simulation }, args) => simulation.connect(...(args as Parameters<typeof simulation.connect>)),
    [given.cells, given.cells, synapses],
    { least: 3, options: 2, required: ["pattern", "target", "weight"] },
  ),
  "simulation.connect of a synapse": inSimulation(
    ({ simulation }, args) => simulation.connect(...(args as Parameters<typeof simulation.connect>)),
    [given.cells, given.cells, { pattern: "all-to-all", weight: 1, synapse: stdp() }],
    { least: 3, options: 2, required: ["pattern", "weight"] },
  ),
  "simulation.input of a current": inSimulation(
    ({ simulation }, args) => simulation.input(...(args as Parameters<typeof simulation.input>)),
    [given.cells, { current: "1 pA" }],
    { least: 2, options: 1, required: ["current"] },
  ),
  "simulation.input of rows": inSimulation(
    ({ simulation }, args) => simulation.input(...(args as Parameters<typeof simulation.input>)),
    [given.cells, { array: [1, 2], dt: "1 ms", perNeuron: true }],
    { least: 2, options: 1, required: ["array", "dt"] },
  ),
  "simulation.input of Poisson events": inSimulation(
    ({ simulation }, args) => simulation.input(...(args as Parameters<typeof simulation.input>)),
    [given.cells, { poisson: { rate: "1 Hz", weight: "1 nS", target: "ge" } }],
    { least: 2, options: 1, required: ["poisson"] },
  ),
  "simulation.input of spikes": inSimulation(
    ({ simulation }, args) => simulation.input(...(args as Parameters<typeof simulation.input>)),
    [given.cells, { spikes: [["1 ms", 0]], weight: "1 nS", target: "ge" }],
    { least: 2, options: 1, required: ["spikes", "weight", "target"] },
  ),
  "simulation.set": inSimulation(
    ({ simulation }, args) => simulation.set(...(args as Parameters<typeof simulation.set>)),
    [given.cells, "v", "-60 mV"],
    { least: 3 },
  ),
  "simulation.change of an input": inSimulation(
    ({ simulation }, args) => simulation.change(...(args as Parameters<typeof simulation.change>)),
    [given.input, { current: "1 pA" }],
    { least: 2, options: 1, required: ["current"] },
  ),
  "simulation.setActive": inSimulation(
    ({ simulation }, args) => simulation.setActive(...(args as Parameters<typeof simulation.setActive>)),
    [given.cells, true],
    { least: 2 },
  ),
  "simulation.every": inSimulation(
    ({ simulation }, args) => simulation.every(...(args as Parameters<typeof simulation.every>)),
    ["1 ms", () => {}, { when: "start" }],
    { least: 2, options: 2 },
  ),
  "simulation.runRegularly": inSimulation(
    ({ simulation }, args) => simulation.runRegularly(...(args as Parameters<typeof simulation.runRegularly>)),
    [given.cells, { v: "v + 0 * v" }, { every: "1 ms", when: "start" }],
    { least: 3, options: 2, required: ["every"] },
  ),
  "simulation.run": inSimulation(
    ({ simulation }, args) => simulation.run(...(args as Parameters<typeof simulation.run>)),
    ["1 ms", { onProgress() {}, signal: new AbortController().signal }],
    { least: 1, options: 1 },
  ),
  "simulation.reset": inSimulation(
    ({ simulation }, args) => simulation.reset(...(args as Parameters<typeof simulation.reset>)),
    [{ trial: 1 }],
    { least: 0, options: 0 },
  ),
  "simulation.save": inSimulation(
    ({ simulation }, args) => simulation.save(...(args as Parameters<typeof simulation.save>)),
    [{ monitors: true }],
    { least: 0, options: 0 },
  ),
  "simulation.restore": inSimulation(
    ({ simulation }, args) => simulation.restore(...(args as Parameters<typeof simulation.restore>)),
    [given.simulation.save()],
    { least: 1 },
  ),
  "simulation.state": inSimulation(
    ({ simulation }, args) => simulation.state(...(args as Parameters<typeof simulation.state>)),
    [given.cells, "v"],
    { least: 2 },
  ),
  "simulation.synapseState": inSimulation(
    ({ simulation }, args) => simulation.synapseState(...(args as Parameters<typeof simulation.synapseState>)),
    [given.projection, "weight"],
    { least: 2 },
  ),
  "monitor.spikes": inSimulation(
    ({ simulation: { monitor } }, args) => monitor.spikes(...(args as Parameters<typeof monitor.spikes>)),
    [given.cells, { limit: 10 }],
    { least: 1, options: 1 },
  ),
  "monitor.rate": inSimulation(
    ({ simulation: { monitor } }, args) => monitor.rate(...(args as Parameters<typeof monitor.rate>)),
    [given.cells, { bin: "1 ms" }],
    { least: 1, options: 1 },
  ),
  "monitor.state": inSimulation(
    ({ simulation: { monitor } }, args) => monitor.state(...(args as Parameters<typeof monitor.state>)),
    [given.cells, "v", { ...trace, indices: [0], when: "start" }],
    { least: 2, options: 2 },
  ),
  "monitor.synapses": inSimulation(
    ({ simulation: { monitor } }, args) => monitor.synapses(...(args as Parameters<typeof monitor.synapses>)),
    [given.projection, "weight", { ...trace, synapses: [0, [0, 1]] }],
    { least: 2, options: 2 },
  ),
};
