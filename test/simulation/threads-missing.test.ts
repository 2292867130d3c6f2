import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const SCRIPT = `
const { simulation } = await import(process.env.SIMULATION);
const { cubaLif } = await import(process.env.NEURONS);
async function spikesOf(threads) {
  const warnings = [];
  const sim = simulation({ dt: "0.1 ms", seed: 1, threads, onWarning: (warning) => warnings.push(warning) });
  const neurons = sim.population("neurons", 20, cubaLif());
  sim.connect(neurons, neurons, { pattern: { probability: 0.2 }, target: "ie", weight: "100 pA", delay: "1 ms" });
  sim.input(neurons, { poisson: { rate: "3 kHz", weight: "100 pA", target: "ie" } });
  const spikes = sim.monitor.spikes(neurons);
  await sim.run("30 ms");
  await sim.run("20 ms");
  return { times: [...spikes.times], units: [...spikes.indices], warnings, executor: sim.executor };
}
console.log(JSON.stringify([await spikesOf(1), await spikesOf(3)]));
`;

interface Result {
  readonly times: number[];
  readonly units: number[];
  readonly warnings: string[];
  readonly executor: string;
}

it("a simulation whose workers may not start runs on one thread, says so once, and has the same spikes", async () => {
  // Node's permission model forbids workers; before Node 24 its flag has another name.
  const flag = process.allowedNodeEnvironmentFlags.has("--permission") ? "--permission" : "--experimental-permission";
  const from = (path: string): string => new URL(`../../dist/${path}`, import.meta.url).href;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [flag, "--allow-fs-read=*", "--input-type=module", "-e", SCRIPT],
    {
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
      env: { ...process.env, SIMULATION: from("src/simulation/index.js"), NEURONS: from("neurons/index.js") },
    },
  );
  const [alone, wanted] = JSON.parse(stdout) as [Result, Result];
  expect(alone.times.length).toBeGreaterThan(20);
  expect([wanted.times, wanted.units]).toEqual([alone.times, alone.units]);
  expect(alone.warnings).toEqual([]);
  expect(wanted.warnings).toHaveLength(1);
  expect(wanted.warnings[0]).toMatch(
    /^simulation: one thread computes instead of 3: a worker could not start \(.+\)\.$/,
  );
  expect(wanted.executor).toMatch(/1 thread: a worker could not start \(.+\)$/);
});
