// step-by-step.ts
import { delta, dense, network, openStream, snu } from "spikevine";
const net = network({ inputs: 3, encoder: delta(), steps: 50, layers: [dense(16, snu()), dense(2, snu())] });
const stream = await openStream(net);
for (let t = 0; t < 50; t++) {
    const { output, readout } = await stream.step([Math.sin(t / 5), Math.cos(t / 5), t % 2]);
    if (t === 49)
        console.log("spikes now", output, "so far", readout);
}
await stream.reset();
await stream.close();
