"""Calcium oscillations of astrocytes in Brian2: the counterpart of examples/brian2/astrocyte-calcium.ts.

Concentrations are numbers of umol/l.
"""
from brian2 import *  # noqa: F403
from port import finish, start

seed_used = start(dt=1 * ms)
source = NeuronGroup(1, "dphase/dt = 0.5*Hz : 1", threshold="phase > 1", reset="phase = 0", method="euler")
target = NeuronGroup(1, "")
synapse = Synapses(
    source,
    target,
    "dtransmitter/dt = -40*Hz * transmitter : 1 (clock-driven)",
    on_pre="transmitter += 500",
    method="exact",
)
synapse.connect()
astrocytes = NeuronGroup(
    21,
    """
    dbound/dt = 0.3*Hz * transmitter * (1 - bound) - 0.5*Hz * (1 + 10*c/(c + 0.5)) * bound : 1
    dip3/dt = 5*Hz * bound + production - degradation - 0.1*Hz*ip3 + exchange : 1
    production = 0.2*Hz / (1 + ip3/1.5) * c**2 / (c**2 + 0.3**2) : Hz
    degradation = 4.5*Hz * c**4 / (c**4 + 0.5**4) * ip3 / (ip3 + 1) : Hz
    exchange = -0.045*Hz * (1 + tanh((abs(ip3) - 0.3) / 0.05)) * sign(ip3) : Hz
    dc/dt = (6*Hz * m**3 * open**3 + 0.1*Hz) * (2 - 1.18*c) - 0.9*Hz * c**2 / (c**2 + 0.1**2) : 1
    dh/dt = (q/(q + c) - open) / tau * (1 + noise*xi*tau**0.5) : 1
    open = clip(h, 0, 1) : 1
    m = ip3 / (ip3 + 0.13) * c / (c + 0.08) : 1
    q = 1.05 * (ip3 + 0.13) / (ip3 + 0.9434) : 1
    tau = 1 / (0.2*Hz * (q + c)) : second
    noise : 1 (constant)
    transmitter : 1
    """,
    method="milstein",
)
astrocytes.h = 0.9
astrocytes.noise = "int(i > 0)"
uptake = Synapses(synapse, astrocytes, "transmitter_post = transmitter_pre : 1 (summed)")
uptake.connect()
record = StateMonitor(astrocytes, ["c", "h", "ip3", "bound"], record=True)
run(30 * second)

show = lambda numbers: " ".join("%.6g" % x for x in numbers)  # noqa: E731
print("| s | calcium | h | IP3 | receptors bound |\n|---|---|---|---|---|")
for second_ in (5, 10, 15, 20, 25, 29.999):
    k = int(round(second_ * 1000))
    print(f"| {second_} | " + " | ".join("%.6g" % getattr(record, name)[0][k] for name in ("c", "h", "ip3", "bound")) + " |")
peaks = ((record.c[:, 1:] >= 0.4) & (record.c[:, :-1] < 0.4)).sum(axis=1)
noisy = record.c[1:]
print(
    f"\n20 astrocytes with noise: {mean(peaks[1:]):.2f} rises of calcium above 0.4 each, mean {mean(noisy):.4f}, "
    f"deviation {std(noisy):.4f}, mean h {mean(record.h[1:]):.4f}; without noise {peaks[0]} rises"
)
finish()
