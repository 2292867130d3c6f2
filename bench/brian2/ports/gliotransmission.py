"""Synapses under the control of astrocytes in Brian2: the counterpart of examples/brian2/gliotransmission.ts.

Concentrations are numbers of umol/l.
"""
from brian2 import *  # noqa: F403
from port import finish, start

start(dt=1 * ms)
times = 16500 + array([0, 50, 100, 150, 200, 300, 310, 320, 330, 340, 350, 360, 370, 380, 390, 400])
source = SpikeGeneratorGroup(1, zeros(len(times), dtype=int), times * ms)
target = NeuronGroup(1, "")
synapses = Synapses(
    source,
    target,
    """
    dtransmitter/dt = -40*Hz * transmitter : 1 (clock-driven)
    dbound/dt = 1.5*Hz * glio * (1 - bound) - 0.5/(60*second) * bound : 1 (clock-driven)
    du/dt = -3.33*Hz * u : 1 (clock-driven)
    dx/dt = 2*Hz * (1 - x) : 1 (clock-driven)
    released : 1
    glio : 1
    """,
    on_pre="""
    u += 0.6 * (1 - bound) * (1 - u)
    released = u * x
    x -= released
    transmitter += 2500 * released
    """,
    method="exact",
)
synapses.connect(True, n=3)
astrocytes = NeuronGroup(
    2,
    """
    dip3/dt = production - degradation - 0.05*Hz*ip3 + exchange : 1
    production = 0.6*Hz / (1 + ip3/1.5) * c**2 / (c**2 + 0.1**2) : Hz
    degradation = 4.5*Hz * c**4 / (c**4 + 0.7**4) * ip3 / (ip3 + 1) : Hz
    exchange = -1*Hz * (1 + tanh((abs(ip3 - bias) - 0.3) / 0.05)) * sign(ip3 - bias) : Hz
    dc/dt = (6*Hz * m**3 * h**3 + 0.1*Hz) * (2 - 1.18*c) - 0.9*Hz * c**2 / (c**2 + 0.05**2) : 1
    dh/dt = 0.2*Hz * (q - (q + c)*h) : 1
    m = ip3 / (ip3 + 0.13) * c / (c + 0.08) : 1
    q = 1.05 * (ip3 + 0.13) / (ip3 + 0.9434) : 1
    dresources/dt = 0.6*Hz * (1 - resources) : 1
    dglio/dt = -60*Hz * glio : 1
    bias : 1 (constant)
    """,
    threshold="c > 0.5",
    refractory="c > 0.5",
    reset="glio += 130 * 0.6 * resources; resources -= 0.6 * resources",
    method="rk4",
)
astrocytes.resources = 1
astrocytes.h = 0.9
astrocytes.ip3 = 0.4
astrocytes.bias = [0.8, 1.25]
control = Synapses(astrocytes, synapses, "glio_post = glio_pre : 1 (summed)")
control.connect(j="i + 1")
record = StateMonitor(synapses, ["released", "bound"], record=[0, 1, 2])
releases = SpikeMonitor(astrocytes)
run(17100 * ms)

show = lambda numbers: " ".join("%.6g" % x for x in numbers)  # noqa: E731
print("| synapse | fractions released by the spikes 0, 1, 5, 10, 15 | bound at 16.5 s | final u | final x |")
print("|---|---|---|---|---|")
for s in range(3):
    fractions = record.released[s][times[[0, 1, 5, 10, 15]] + 1]
    print(
        f"| {s} | {show(fractions)} | {record.bound[s][16500]:.6g} | {synapses.u[s]:.6g} | {synapses.x[s]:.6g} |"
    )
print("\n| astrocyte | releases (ms) | final calcium | final h | final IP3 | final resources |\n|---|---|---|---|---|---|")
for a, train in releases.spike_trains().items():
    final = " | ".join("%.6g" % getattr(astrocytes, name)[a] for name in ("c", "h", "ip3", "resources"))
    print(f"| {a} | {' '.join('%.0f' % (t/ms) for t in train)} | {final} |")
finish()
