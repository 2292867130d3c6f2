import { describe, expect, it } from "vitest";
import { adex, cobaLif, cubaLif, hodgkinHuxley, izhikevich, rk4 } from "#spikevine/neurons/index";
import { gaps, runNeuron } from "../simulation/single-neuron.js";

const silence = { current: "0 pA" } as const;

describe("cubaLif", () => {
  it("fires at the interval of the closed form", async () => {
    // Refractory time plus tau ln((v_inf - reset) / (v_inf - threshold)), v_inf = rest + I / leak = -39 mV.
    const expected = 5 + 20 * Math.log((-39 + 60) / (-39 + 50));
    const { spikes } = await runNeuron(cubaLif(), { current: "100 pA" }, "500 ms", { dt: "0.01 ms" });
    for (const gap of gaps(spikes)) expect(Math.abs(gap - expected)).toBeLessThan(0.03);
  });

  it("answers an event with the difference of two exponentials", async () => {
    const silent = cubaLif({ rest: "-60 mV" });
    const event = { spikes: [["0 ms", 0]], weight: "20 pA", target: "ie" } as const;
    const { trace } = await runNeuron(silent, event, "60 ms");
    // C dv/dt = -g (v - rest) + w exp(-t / tauE), from rest.
    const closed = (t: number) => -60 + ((20 / 200) * (Math.exp(-t / 20) - Math.exp(-t / 5))) / (1 / 5 - 1 / 20);
    trace.forEach((v, k) => {
      expect(v).toBeCloseTo(closed(k * 0.1), 10);
    });
  });

  it("holds v for the refractory time and does not fire in it", async () => {
    const { trace, spikes } = await runNeuron(cubaLif(), { current: "5000 pA" }, "20 ms", {
      initial: { v: "-50.1 mV" },
    });
    expect(spikes[0]).toBe(0);
    expect([...trace.slice(1, 52)]).toEqual(Array.from({ length: 51 }, () => -60));
    expect(trace[52]).toBeGreaterThan(-60);
  });
});

describe("cobaLif", () => {
  it("settles where the currents cancel", async () => {
    const neuron = cobaLif({ tauE: "1e9 ms", tauI: "1e9 ms" });
    const { end } = await runNeuron(neuron, silence, "300 ms", { initial: { ge: "1 nS", gi: "4 nS" } });
    expect(end).toBeCloseTo((10 * -60 + 1 * 0 + 4 * -80) / 15, 4);
  });

  it("lets conductances decay exactly", async () => {
    const { end } = await runNeuron(cobaLif(), silence, "10 ms", { variable: "gi", initial: { gi: "67 nS" } });
    expect(end).toBeCloseTo(67 * Math.exp(-1), 10);
  });
});

describe("adex", () => {
  it("starts to fire on a slow ramp at the rheobase of its fixed points", async () => {
    // Loss of stability by a Hopf bifurcation, since a / leak > tau_m / tau_w (Naud et al. 2008, Biol. Cybern. 99).
    const [c, g, e, t, slope, a, tau] = [281, 30, -70.6, -50.4, 2, 4, 144];
    const ratio = c / g / tau;
    const rheobase = (g + a) * (t - e - slope + slope * Math.log(1 + ratio)) + slope * g * (a / g - ratio);
    const ramp = Float64Array.from({ length: 8000 }, (_, ms) => 500 + ms / 32);
    const { spikes } = await runNeuron(adex(), { array: ramp, dt: "1 ms" }, "8 s");
    const current = 500 + spikes[0]! / 32;
    expect(current).toBeGreaterThan(rheobase - 1);
    expect(current).toBeLessThan(rheobase + 5);
  });

  it("adapts: intervals grow to a steady one", async () => {
    const { spikes } = await runNeuron(adex(), { current: "1000 pA" }, "1 s");
    const between = gaps(spikes);
    expect(between[1]!).toBeGreaterThan(between[0]!);
    expect(between[4]!).toBeGreaterThan(between[1]!);
    expect(between.at(-1)! / between[0]!).toBeGreaterThan(2);
    expect(between.at(-1)!).toBeCloseTo(between.at(-2)!, 0);
  });

  it("adds b to w at a spike, whatever v had run off to", async () => {
    const { spikes, trace } = await runNeuron(adex(), { current: "1000 pA" }, "60 ms", { variable: "w" });
    const at = Math.round(spikes[0]! / 0.1);
    expect(trace[at + 1]! - trace[at]!).toBeGreaterThan(80.5);
    expect(trace[at + 1]! - trace[at]!).toBeLessThan(80.5 + 1);
  });
});

describe("izhikevich", () => {
  it("takes the steps of the paper's equations", async () => {
    const { trace } = await runNeuron(izhikevich(), { current: 10 }, "0.3 ms");
    let [v, u] = [-65, -13];
    for (const found of trace) {
      expect(found).toBeCloseTo(v, 10);
      [v, u] = [v + 0.1 * (0.04 * v * v + 5 * v + 140 - u + 10), u + 0.1 * 0.02 * (0.2 * v - u)];
    }
  });

  const pattern = async (type: "regularSpiking" | "fastSpiking" | "chattering" | "intrinsicallyBursting") =>
    gaps((await runNeuron(izhikevich({ type }), { current: 10 }, "500 ms")).spikes);

  it("fires regularly with spike frequency adaptation (figure 2, RS)", async () => {
    const between = await pattern("regularSpiking");
    expect(between[1]! / between[0]!).toBeGreaterThan(1.5);
    expect(between.at(-1)!).toBeCloseTo(between[2]!, 0);
  });

  it("fires fast and hardly adapts (figure 2, FS)", async () => {
    const between = await pattern("fastSpiking");
    expect(Math.max(...between)).toBeLessThan(10);
    expect(between.at(-1)!).toBeCloseTo(between[4]!, 0);
  });

  it("bursts again and again (figure 2, CH), or once (figure 2, IB)", async () => {
    const chattering = await pattern("chattering");
    expect(chattering.filter((gap) => gap > 30).length).toBeGreaterThan(5);
    expect(chattering.filter((gap) => gap < 6).length).toBeGreaterThan(25);
    const bursting = await pattern("intrinsicallyBursting");
    expect(bursting[0]!).toBeLessThan(6);
    expect(Math.min(...bursting.slice(1))).toBeGreaterThan(20);
  });
});

describe("hodgkinHuxley, the squid's axon of 1952", () => {
  /** 1 uA/cm^2 over the membrane of 20,000 square micrometres. */
  const density = (value: number) => ({ current: `${200 * value} pA` });
  const run = (value: number, duration = "200 ms") =>
    runNeuron(hodgkinHuxley(), density(value), duration, { dt: "0.02 ms" });

  it("rests at -65 mV with the gates where the paper has them", async () => {
    const { end } = await run(0);
    expect(end).toBeCloseTo(-65, 1);
    for (const [gate, value] of Object.entries({ m: 0.0529, h: 0.5961, n: 0.3177 })) {
      const rest = await runNeuron(hodgkinHuxley(), silence, "1 ms", { variable: gate });
      expect(rest.trace[0]).toBeCloseTo(value, 4);
    }
  });

  it("fires once from about 2.3 uA/cm^2 and again and again from about 6.3", async () => {
    expect((await run(2.1)).spikes).toHaveLength(0);
    expect((await run(2.4)).spikes).toHaveLength(1);
    expect((await run(5)).spikes).toHaveLength(1);
    expect((await run(6.6, "500 ms")).spikes.length).toBeGreaterThan(25);
  });

  it("has spikes of about 105 mV with an undershoot below -75 mV", async () => {
    const { trace, spikes } = await run(10);
    expect(Math.max(...trace.slice(0, 500))).toBeGreaterThan(38);
    expect(Math.max(...trace.slice(0, 500))).toBeLessThan(42);
    expect(Math.min(...trace)).toBeLessThan(-75);
    expect(gaps(spikes).at(-1)!).toBeCloseTo(14.6, 0);
  });

  it("agrees with Runge-Kutta", async () => {
    const neuron = hodgkinHuxley();
    const coarse = await runNeuron(neuron, density(10), "30 ms", { dt: "0.002 ms" });
    const fine = await runNeuron(neuron, density(10), "30 ms", { dt: "0.02 ms", integrator: rk4 });
    expect(coarse.spikes).toHaveLength(2);
    expect(fine.spikes).toHaveLength(2);
    fine.spikes.forEach((time, k) => {
      expect(Math.abs(time - coarse.spikes[k]!)).toBeLessThan(0.05);
    });
  });

  it("stays finite where its rates are 0 / 0", async () => {
    const clamped = hodgkinHuxley({ capacitance: "1e15 pF" });
    for (const v of ["-40 mV", "-55 mV"]) {
      const { end } = await runNeuron(clamped, silence, "5 ms", { variable: "m", initial: { v } });
      expect(end).toBeGreaterThan(0);
      expect(end).toBeLessThan(1);
    }
  });
});

describe("hodgkinHuxley, the channels of Traub and Miles", () => {
  // From the equations of Brette et al. 2007 in Brian 2.5.1 with exponential Euler at 0.01 ms.
  it.each([
    ["0 pA", 7, [373.4, 445.87]],
    ["20 pA", 9, [398.36, 454]],
    ["100 pA", 16, [451.76, 483.63]],
    ["500 pA", 41, [478.56, 490.77]],
  ])("fires at the times that Brian2 gives, %s", async (current, count, last) => {
    const neuron = hodgkinHuxley({ channels: "traubMiles" });
    const { spikes } = await runNeuron(neuron, { current }, "500 ms", { dt: "0.01 ms" });
    expect(spikes).toHaveLength(count);
    expect(spikes.slice(-2)).toEqual(last);
  });
});
