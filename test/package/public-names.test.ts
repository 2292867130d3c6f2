import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  exports: Record<string, { types: string; default: string } | string>;
};
const entries = Object.entries(exports).flatMap(([name, target]) =>
  typeof target === "string" ? [] : [[name, target] as const],
);

/** Every public name of every entry, types included: a new one is a decision, and so is one that goes. */
const NAMES: Readonly<Record<string, string>> = {
  ".": `
    BatchNormLayer BatchNormOptions Branch ConvolutionLayer ConvolutionOptions FlattenLayer Layer
    NeuronLayer NeuronLayerOptions NeuronOptions PoolingLayer PoolingOptions ResidualLayer ScaleLayer
    ShortFormOptions Size averagePool batchNorm convolution flatten foldNormalization maxPool neuronLayer residual scale shortForm sumPool
    AdaptiveIntegrator Calculus CompositeIntegrator DormandPrinceOptions Scheme Schemes dormandPrince eulerMaruyama heun milstein
    ActivityOptions AdamOptions AdamWOptions AdexOptions AffineAugmentation AlifOptions AlphaOptions Augmentation
    BatchReport Binning BioAdamDynamicsOptions BioAdamOptions CobaLifOptions ConfusionMatrix Credit
    CrossEntropyOptions CubaLifOptions Dataset DenseLayer DenseOptions DerivedSpec DeviceReport DivergenceError
    DrawKey ElasticAugmentation EncoderDefinition EncoderSpec EpochFigures EpochReport EpochSums EvaluatedPredictions
    EvaluationOptions EvaluationResult Events EveryOutput EveryState FactorStatistics FirstSpikeOptions
    GradientOptions GradientTransform Gradients GrapesOptions Hardware HodgkinHuxleyOptions ImageDataset Initializer
    Integrator IntegratorOptions IzhikevichOptions KernelOptions L1PenaltyOptions L2PenaltyOptions
    LargestPotentialOptions LayerActivity LayerRecording LeakyOptions LiOptions LifOptions LossDefinition LossInput
    LossOption LossSpec LossTerm MeanSquaredCountOptions MeanSquaredErrorOptions Modulation MomentumOptions NeighborhoodAggregation NeighborhoodOptions Network
    NetworkOptions NetworkStream NeuronDefinition NeuronSpec OpenedDevice Optimizer OptimizerDefinition OptimizerSpec
    Parameter ParameterInfo ParameterSpec ParameterValues Plateau Predictions PredispositionOptions RLeakyOptions
    RateBoundsOptions RateRegularizationOptions Readout ReadoutOptions RecordOptions Recording Reduction RmspropOptions Schedule
    SnapshotSink SnuOptions SpikevineError SsnuOptions StateSpec StateTensor StdpOptions StepResult StreamOptions
    SubexpressionSpec
    StreamedDataset SurrogateDefinition SurrogateSpec SynapseDefinition SynapseRun SynapseRunOptions SynapseSpec SynapseSweepOptions SynapseSweepPoint
    SynapticOptions SynapticScalingOptions SystemIntegrator TermOptions TermValues Trainability TrainingOptions TrainingPosition
    TrainingProgress TrainingResult TrainingSnapshot TripletStdpOptions WeightAlignment adam adamW adex alif alpha
    arctan automatic bioAdam bioAdamDynamics boxcar chainGradient cobaLif confusionMatrix constantCurrent constantSchedule
    cosineDecay crossEntropy cubaLif dataset defineEncoder defineLoss defineNeuron defineOptimizer defineSurrogate
    defineSynapse delta dense deviceNames diagnoseActivity diagnoseProgress direct elasticTransform encoders evaluate eventDataset
    everyOutput everyState exactLinear exponentialEuler fastSigmoid feedbackWeights firstSpike fitPlateau forwardEuler
    glorotUniform gradients grapes heUniform hodgkinHuxley importanceFactors integrator integrators izhikevich
    l1Penalty l2Penalty largestPotential lastOutput lastState latency leaky li lif linear linearWarmup listDevices
    lossTerm losses makeDigits meanSquaredCount meanSquaredError measureActivity momentum neighborhoodAggregation nesterov network neurons
    openDevice openStream optimizers poisson predict rLeaky randomAffine rate rateBounds rateRegularization record
    relu rk2 rk4 rmsprop semiImplicit seriesDataset sgd simulateSynapses snu spikeCount spikeDataset spikeRate ssnu stdp
    stepDecay streamedDataset surrogates sweepSynapses synaptic synapticScaling systemIntegrators tanh tanhDerivative train triangle
    tripletStdp
    weightAlignment weightDecay`,
  "./neurons": `
    AdexOptions AlifOptions AlphaOptions AdaptiveIntegrator Calculus CompositeIntegrator DormandPrinceOptions Scheme Schemes automatic dormandPrince eulerMaruyama heun milstein CobaLifOptions CubaLifOptions HodgkinHuxleyOptions Integrator
    IntegratorOptions IzhikevichOptions KernelOptions LeakyOptions LiOptions RLeakyOptions SynapticOptions
    LifOptions NeuronDefinition NeuronSpec ParameterInfo ParameterSpec ParameterValues SnuOptions SsnuOptions StateSpec SubexpressionSpec
    SurrogateDefinition SurrogateSpec SystemIntegrator adex alif alpha arctan boxcar cobaLif cubaLif defineNeuron defineSurrogate
    exactLinear exponentialEuler fastSigmoid forwardEuler hodgkinHuxley integrator integrators izhikevich leaky li lif linear neurons
    rLeaky relu rk2 rk4 semiImplicit snu ssnu surrogates synaptic systemIntegrators tanh tanhDerivative triangle`,
  "./plasticity": `
    AdamOptions AdamWOptions BioAdamDynamicsOptions BioAdamOptions DerivedSpec DrawKey GradientTransform GrapesOptions Modulation
    MomentumOptions Optimizer OptimizerDefinition OptimizerSpec PredispositionOptions RmspropOptions StdpOptions
    SynapseDefinition SynapseSpec SynapticScalingOptions TripletStdpOptions adam adamW bioAdam bioAdamDynamics chainGradient
    defineOptimizer defineSynapse grapes importanceFactors momentum nesterov optimizers rmsprop sgd stdp
    synapticScaling tripletStdp weightDecay`,
  "./encoders": `
    EncoderDefinition EncoderSpec constantCurrent defineEncoder delta direct encoders latency poisson rate`,
  "./losses": `
    CrossEntropyOptions EveryOutput EveryState FirstSpikeOptions L1PenaltyOptions L2PenaltyOptions
    LargestPotentialOptions LossDefinition LossInput LossSpec LossTerm MeanSquaredCountOptions MeanSquaredErrorOptions
    RateBoundsOptions RateRegularizationOptions TermOptions crossEntropy defineLoss everyOutput everyState firstSpike
    l1Penalty l2Penalty largestPotential lossTerm losses meanSquaredCount meanSquaredError rateBounds
    rateRegularization`,
  "./networks": `
    BatchNormLayer BatchNormOptions Branch ConvolutionLayer ConvolutionOptions FlattenLayer Layer
    NeuronLayer NeuronLayerOptions NeuronOptions PoolingLayer PoolingOptions ResidualLayer ScaleLayer
    ShortFormOptions Size averagePool batchNorm convolution flatten foldNormalization maxPool neuronLayer residual scale shortForm sumPool
    DenseLayer DenseOptions Initializer Network NetworkOptions Parameter Readout ReadoutOptions Trainability dense glorotUniform
    heUniform lastOutput lastState network spikeCount spikeRate`,
  "./data": `
    SpikingHeidelbergOptions parseSpikingHeidelberg EventFileOptions readEventFiles streamEventFiles EventFrames FrameOptions Sensor alignTime centerCrop cropTime decimateEvents denoise downsampleEvents dropEvents dropPixels
    eventFrames flipLeftRight flipPolarity flipUpDown mergePolarities parseAedat parseNpyEvents randomCrop refractoryPeriod
    spatialJitter timeJitter timeSkew
    AffineAugmentation Augmentation AugmentationConfig ArchiveEntry Augmenter Binning CatalogueEntry CatalogueFile Cifar10Options DataOptions
    Dataset DownloadOptions DownloadProgress ElasticAugmentation EventSeries Events FormatOptions IdxArray ImageDataset MnistName
    MnistOptions NmnistOptions ParseOptions Series SeriesForm SpikeSeries Splits StreamedDataset ValueSeries balanceClasses dataset datasetNames
    describeDataset elasticTransform eventDataset loadCifar10 loadDataset loadMnist makeDigits normalize parseCifar10 parseDataset parseIdx parseNmnist permutePixels pixelSwaps
    randomAffine readDataset readIdx readImages readImagesAndLabels readLabels readNmnist selectClasses selectSamples serializeIdx seriesDataset shuffleSamples spikeDataset splitSamples
    streamImagesAndLabels streamNmnist streamedDataset subset writeIdx`,
  "./simulation": `
    BalancedNetwork BalancedNetworkOptions ConnectionOptions ConnectionPattern Distribution Exponential ExternalInput
    FunctionTable
    Gamma Input Lognormal Normal Numbers PlasticProjection PlasticProjectionOptions Population PopulationOptions Progress
    Projection ProjectionOptions QuantityLike RateMonitor RateMonitorOptions RowWriter RunOptions RunReport Simulation
    SimulationOptions SourceOptions SpikeMonitor SpikeMonitorOptions StateMonitor StateMonitorOptions SynapseIndex
    SynapseMonitor SynapseMonitorOptions TimedArray Uniform ValueOrDistribution balancedNetwork binnedRate exponential
    functionTable gamma isi isiCv lognormal meanIsiCv normal simulation timedArray uniform`,
  "./models": `
    ModelDescription buildModel checkWeightShapes definitionHashes describeModel diffDefinitions fingerprints loadModel
    loadWeights saveModel serializeModel`,
  "./formats": `
    ImportedStateDict NirChoices NirConventions NirFile NirOptions NirPreset StateDictOptions importStateDict loadNir saveNir serializeNir serializeNirData`,
  "./io": `
    FileSystem Metrics MetricsRecord MetricsWriter NpyArray OpenFile RowFile RunFolder Tensor TensorData TensorFile
    csvRowWriter npyRowWriter openMetrics parseMetrics parseNpy parseNpz parseSafetensors readMetrics readNpy readSafetensors
    runFolder serializeCsv serializeNpy serializeNpz serializeSafetensors writeMetrics writeNpy writeNpz
    writeSafetensors`,
  "./plots": `
    PlottedEvents PlottedFrames eventFramePlot eventPlot
    LayerSpikes LearningCurve Line LinePanel MembraneTrace PopulationIntervals PopulationRate PopulationSpikes TimeRow
    VegaLiteSpec isiHistogram learningCurves linePlot membraneTraces neuronResponse populationRates rasterFromArray
    rasterFromTimes vegaIsi vegaRaster vegaRates vegaTraces`,
  "./sweep": `
    FailedPoint FinishedPoint Objective Point PointContext PointOptions PointResult QueueOptions QueueWorkerOptions
    Runner SeedStatistics Setting SettingStatistics Settings Shard Sweep SweepOptions SweepProgress SweepTable
    collectSweep pointsCsv queueRunner runQueueWorker runSweep settingsCsv sweepMarkdown sweepPoint sweepPoints
    sweepTable threadRunner`,
};

/** Names that a declaration file exports, those of the files that it passes on included. */
function exported(file: string): Set<string> {
  const text = readFileSync(file, "utf8");
  const names = new Set<string>();
  for (const [, list] of text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)) {
    for (const one of list!.split(","))
      names.add(
        one
          .trim()
          .replace(/^type /, "")
          .split(" as ")
          .at(-1)!,
      );
  }
  for (const [, name] of text.matchAll(
    /^export (?:declare )?(?:abstract )?(?:const|function|class|interface|type) (\w+)/gm,
  )) {
    names.add(name!);
  }
  for (const [, path] of text.matchAll(/^export \* from "([^"]+)"/gm)) {
    for (const name of exported(join(dirname(file), path!.replace(/js$/, "d.ts")))) names.add(name);
  }
  names.delete("");
  return names;
}

describe("public names", () => {
  it("are listed for every entry", () => {
    expect(Object.keys(NAMES)).toEqual(entries.map(([name]) => name));
  });

  it.each(entries)("of %s are these", async (name, { types, default: module }) => {
    const declared = exported(join(root, types));
    expect([...declared].sort()).toEqual(NAMES[name]!.trim().split(/\s+/).sort());
    expect([...declared]).toEqual(expect.arrayContaining(Object.keys(await import(join(root, module)))));
  });
});
