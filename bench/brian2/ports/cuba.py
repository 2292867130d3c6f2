"""The CUBA network in Brian2: the counterpart of examples/brian2/cuba.ts."""
from brian2 import *  # noqa: F403
from port import finish, start

seed_used = start()
cells = NeuronGroup(
    4000,
    """
    dv/dt = (-49*mV - v + ge + gi) / (20*ms) : volt (unless refractory)
    dge/dt = -ge / (5*ms) : volt
    dgi/dt = -gi / (10*ms) : volt
    """,
    threshold="v > -50*mV",
    reset="v = -60*mV",
    refractory=5 * ms,
    method="exact",
)
cells.v = "-60*mV + 10*mV*rand()"
excitation = Synapses(cells[:3200], cells, on_pre="ge += 1.62*mV")
inhibition = Synapses(cells[3200:], cells, on_pre="gi -= 9*mV")
excitation.connect(p=0.02)
inhibition.connect(p=0.02)
spikes = SpikeMonitor(cells)
run(1 * second)

late = spikes.t >= 200 * ms
counts = bincount(spikes.i[late], minlength=4000)
variations = []
for train in spikes.spike_trains().values():
    gaps = diff(train[train >= 200 * ms] / ms)
    if len(gaps) >= 2:
        variations.append(std(gaps) / mean(gaps))
print("| seed | spikes | excitatory rate (Hz) | inhibitory rate (Hz) | deviation of the rates (Hz) | mean CV |")
print("|---|---|---|---|---|---|")
rates = counts / 0.8
print(
    f"| {seed_used} | {spikes.num_spikes} | {mean(rates[:3200]):.3f} | {mean(rates[3200:]):.3f} "
    f"| {std(rates):.3f} | {mean(variations):.4f} |"
)
finish()
