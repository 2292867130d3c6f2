"""A decision network in Brian2: the counterpart of examples/brian2/decision-network.ts."""
from brian2 import *  # noqa: F403
from port import finish, start

seed_used = start()
shared_equations = """
    dV/dt = (leak*(-70*mV - V) - (ampa + external)*V - gaba*(V + 70*mV) - block*nmda*V) / capacity : volt (unless refractory)
    block = scale / (1 + exp(-0.062*V/mV) / 3.57) : siemens
    dampa/dt = -ampa / (2*ms) : siemens
    dgaba/dt = -gaba / (5*ms) : siemens
    dexternal/dt = -external / (2*ms) : siemens
    nmda : 1
"""
options = {"threshold": "V > -50*mV", "reset": "V = -55*mV", "method": "euler"}
cells = NeuronGroup(
    320,
    shared_equations
    + """
    dopen/dt = -open / (100*ms) + 0.5*kHz * x * (1 - open) : 1
    dx/dt = -x / (2*ms) : 1
    pool : integer
    """,
    refractory=2 * ms,
    namespace={"leak": 25 * nS, "capacity": 0.5 * nF, "scale": 0.825 * nS},
    **options,
)
interneurons = NeuronGroup(
    80,
    shared_equations,
    refractory=1 * ms,
    namespace={"leak": 20 * nS, "capacity": 0.2 * nF, "scale": 0.65 * nS},
    **options,
)
cells.pool = "clip(i // 48, 0, 2)"
weak = 1 - 0.15 * 0.7 / 0.85
factor = f"(1 + int(B < 2)*({weak!r} - 1 + (1.7 - {weak!r})*int(A == B)))"
ampa = Synapses(cells, cells, "w : siemens", on_pre="ampa += w", delay=0.5 * ms)
ampa.connect()
ampa.w = "0.25*nS * " + factor.replace("A", "pool_pre").replace("B", "pool_post")
ampa_i = Synapses(cells, interneurons, on_pre="ampa += 0.2*nS", delay=0.5 * ms)
ampa_i.connect()
release = Synapses(cells, cells, on_pre="x_pre += 1", delay=0.5 * ms)
release.connect(j="i")
pools = NeuronGroup(3, "total : 1")
add = Synapses(cells, pools, "total_post = open_pre : 1 (summed)")
add.connect(j="pool_pre")
spread = Synapses(pools, cells, "w : 1\nnmda_post = w*total_pre : 1 (summed)")
spread.connect()
spread.w = factor.replace("A", "i").replace("B", "pool_post")
spread_i = Synapses(pools, interneurons, "nmda_post = total_pre : 1 (summed)")
spread_i.connect()
gaba = Synapses(interneurons, cells, on_pre="gaba += 6.5*nS", delay=0.5 * ms)
gaba_i = Synapses(interneurons, interneurons, on_pre="gaba += 5*nS", delay=0.5 * ms)
gaba.connect()
gaba_i.connect()
kept = []
for pool, sign in ((0, 1), (1, -1)):
    source = PoissonGroup(48, rates=0 * Hz)
    source.run_regularly(
        f"rates = int(t > 500*ms and t < 1500*ms) * (40*Hz + {sign * 5.12}*Hz + 4*Hz*randn())", dt=50 * ms
    )
    link = Synapses(source, cells[48 * pool : 48 * pool + 48], on_pre="external += 2.1*nS")
    link.connect(j="i")
    kept += [source, link]
background = [
    PoissonInput(cells, "external", 1000, 2.4 * Hz, 2.1 * nS),
    PoissonInput(interneurons, "external", 1000, 2.4 * Hz, 1.62 * nS),
]
cells.V = interneurons.V = -52 * mV
spikes = [SpikeMonitor(group) for group in (cells[:48], cells[48:96], cells[96:], interneurons)]
Network(collect(), kept, background, spikes).run(2 * second)

print("| seed | population | rate in 0.1-0.5 s (Hz) | 0.5-1 s | 1-1.5 s | 1.5-2 s |\n|---|---|---|---|---|---|")
for name, monitor in zip(("pool 1", "pool 2", "rest", "inhibitory"), spikes):
    rates = [
        sum((monitor.t >= a * second) & (monitor.t < b * second)) / (b - a) / monitor.source.N
        for a, b in ((0.1, 0.5), (0.5, 1), (1, 1.5), (1.5, 2))
    ]
    print(f"| {seed_used} | {name} | {' | '.join('%.2f' % rate for rate in rates)} |")
finish()
