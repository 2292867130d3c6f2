import { describe, expect, it } from "vitest";
import { lif, neurons, snu, ssnu, surrogates } from "#spikevine/neurons/index";
import { SpikevineError } from "#spikevine/src/errors";

describe("neurons by name", () => {
  it.each(Object.keys(neurons))("%s describes itself", (name) => {
    const neuron = neurons[name]!();
    expect(neuron.name).toBe(name);
    const text = neuron.describe();
    expect(text).toContain(`### ${name}`);
    expect(text).toContain(`Source: ${neuron.source}`);
    for (const [parameter, { summary, shown }] of Object.entries(neuron.parameters)) {
      expect(text).toContain(`| \`${parameter}\` | ${shown} |`);
      expect(text).toContain(summary);
    }
    for (const state of Object.keys(neuron.states)) expect(text).toContain(`- \`${state}\``);
  });

  it.each(Object.keys(neurons))("%s refuses an option it does not have", (name) => {
    expect(() => neurons[name]!({ tresh: 1 })).toThrow(SpikevineError);
    expect(() => neurons[name]!({ tau: { value: 1 } })).toThrow(SpikevineError);
  });

  it("shows a definition in full", () => {
    expect(lif({ threshold: "-50 mV", refractory: "3 ms" }).describe()).toMatchInlineSnapshot(`
      "### lif

      Leaky integrate-and-fire neuron, reset zero, refractory.

      \`\`\`
      r = max(r - 1, -1)
      dv/dt = r > 0 ? 0 : (rest - v + resistance * I) / tau
      y = 1 where r >= 0 ? -1 : (v - threshold) / (threshold - rest) > 0, else 0
      after the step: v = v + (rest - v) * y
      after the step: r = y > 0 ? floor(refractory / dt + 0.5) : r
      \`\`\`

      - \`v\` (in mV, from rest): membrane potential
      - \`r\` (from -1): remaining refractory steps after the step; below 0 if v is free
      - \`I\` (in pA): input current

      Integrator: exponentialEuler, x + f(x) (exp(a dt) - 1) / a, a = df/dx.

      Surrogate: tanhDerivative.

      | parameter | value | unit | meaning |
      | --- | --- | --- | --- |
      | \`tau\` | 20 ms | ms | membrane time constant |
      | \`threshold\` | -50 mV | mV | firing threshold |
      | \`rest\` | -65 mV | mV | resting potential |
      | \`resistance\` | 100 MOhm | MOhm | membrane resistance |
      | \`refractory\` | 3 ms | ms | time for which v is constant after a spike |

      Source: W. Gerstner et al., Neuronal Dynamics (2014), eq. 1.5; S. Rotter and M. Diesmann, Biol. Cybern. 81 (1999)"
    `);
  });

  it("describes every surrogate", () => {
    for (const [name, make] of Object.entries(surrogates)) {
      expect(make().name).toBe(name);
      expect(make().describe()).toContain("dy/dz = ");
      expect(() => make({ tresh: 1 })).toThrow(SpikevineError);
    }
  });
});

describe("options", () => {
  it.each([
    [() => snu({ decay: 1.2 }), 'neurons/snu: "decay" is 1.2; give a number of at least 0 and of at most 1.'],
    [() => neurons.snu!({ decya: 0.5 }), 'neurons/snu: unknown option "decya"; did you mean "decay"?'],
    [() => neurons.snu!({ reset: "substract" }), 'neurons/snu: reset is "substract"; did you mean "subtract"?'],
    [() => ssnu({ threshold: Number.NaN }), 'neurons/ssnu: "threshold" is NaN; give a finite number.'],
    [() => neurons.lif!({ tau: 20 }), 'neurons/lif: "tau" is 20 (no unit); give a time, e.g. "20 ms".'],
    [() => lif({ tau: "-20 ms" }), 'neurons/lif: "tau" is -20 ms; give a time above 0 ms.'],
    [() => lif({ tau: "0 s" }), 'neurons/lif: "tau" is 0 s; give a time above 0 ms.'],
    [() => lif({ rest: "-65 mV" }), 'neurons/lif: "rest" is -65 mV (in mV); give a plain number without a unit.'],
    [() => lif({ threshold: "-50 mV", rest: 0 }), 'neurons/lif: "rest" is 0 (no unit); give a voltage, e.g. "-65 mV".'],
    [() => surrogates.boxcar!({ width: 0 }), 'neurons/surrogates/boxcar: "width" is 0; give a number above 0.'],
  ])("case %#", (make, message) => {
    expect(make).toThrow(new SpikevineError(message));
  });

  it("trains the threshold of an SNU for every unit", () => {
    expect(snu().parameters.threshold!.train).toBe("unit");
    expect(snu().parameters.decay!.train).toBeUndefined();
  });

  it("exchanges the surrogate without touching the equations", () => {
    const changed = snu().with({ surrogate: surrogates.boxcar!(), parameters: { threshold: 2 } });
    expect(changed.surrogate!.name).toBe("boxcar");
    expect(changed.parameters.threshold!.value).toBe(2);
    expect(snu().parameters.threshold!.value).toBe(1);
  });
});
