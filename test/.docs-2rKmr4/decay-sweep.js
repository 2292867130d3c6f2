// decay-sweep.ts
import { isMainThread } from "node:worker_threads";
import { dense, evaluate, network, rate, sgd, snu, train } from "spikevine";
import { loadDataset } from "spikevine/data";
import { runSweep, sweepMarkdown, sweepPoints, threadRunner } from "spikevine/sweep";
export const trainPoint = async ({ settings, seed }, { signal, report }) => {
    const data = await loadDataset("digits", { train: Number(settings.samples), test: 100 });
    const layers = [32, 10].map((units) => dense(units, snu({ decay: Number(settings.decay) })));
    const net = network({ inputs: 784, encoder: rate(), steps: 10, layers, seed });
    const { epochs } = await train(net, {
        data: data.train,
        epochs: 3,
        optimizer: sgd({ learningRate: 0.5 }),
        threads: 1, // other points use the other cores
        signal,
        onEpoch: ({ epoch }) => report(epoch / 3),
    });
    const { accuracy } = await evaluate(net, data.test, { threads: 1 });
    return { metrics: { accuracy }, curves: { loss: epochs.map(({ loss }) => loss) } };
};
// Every thread loads this module; only the main thread starts the sweep.
if (isMainThread) {
    const points = sweepPoints({ fixed: { samples: 300 }, vary: { decay: [0.5, 0.9] }, seeds: [1, 2] });
    const runner = threadRunner({ module: import.meta.url, run: "trainPoint" });
    const { table, failures } = await runSweep({ folder: "runs/decay-sweep", points, runner });
    console.log(sweepMarkdown(table));
    for (const { settings, error } of failures)
        console.error(settings, error.message);
}
