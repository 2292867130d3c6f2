"""Inhibitory plasticity in Brian2: the counterpart of examples/brian2/inhibitory-plasticity.ts."""
from brian2 import *  # noqa: F403
from port import finish, start

seed_used = start()
cells = NeuronGroup(
    1000,
    """
    dv/dt = (10*nS*(-60*mV - v) - ge*v + gi*(-80*mV - v) + 200*pA) / (200*pF) : volt (unless refractory)
    dge/dt = -ge / (5*ms) : siemens
    dgi/dt = -gi / (10*ms) : siemens
    """,
    threshold="v > -50*mV",
    reset="v = -60*mV",
    refractory=5 * ms,
    method="euler",
)
excitatory, inhibitory = cells[:800], cells[800:]
excitation = Synapses(excitatory, cells, on_pre="ge += 0.3*nS")
inhibition = Synapses(inhibitory, inhibitory, on_pre="gi += 3*nS")
learning = Synapses(
    inhibitory,
    excitatory,
    """
    w : 1
    dpre/dt = -pre / (20*ms) : 1 (event-driven)
    dpost/dt = -post / (20*ms) : 1 (event-driven)
    """,
    on_pre="pre += 1; w = clip(w + rate*(post - 0.12), 0, 100); gi += w*nS",
    on_post="post += 1; w = clip(w + rate*pre, 0, 100)",
)
for synapses in (excitation, inhibition, learning):
    synapses.connect(p=0.2)
learning.w = 1e-10
spikes = SpikeMonitor(cells)
rate = 0
run(1 * second)
rate = 1e-2
run(1 * second)

print("| seed | synapses that learn | excitatory and inhibitory rates (Hz), 0.5-1 s | 1-1.5 s | 1.5-2 s | mean weight | deviation | largest |")
print("|---|---|---|---|---|---|---|---|")
rates = []
for begin in (0.5, 1, 1.5):
    inside = spikes.i[(spikes.t >= begin * second) & (spikes.t < (begin + 0.5) * second)]
    rates.append(f"{sum(inside < 800)/400:.2f} {sum(inside >= 800)/100:.2f}")
print(
    f"| {seed_used} | {len(learning)} | {' | '.join(rates)} "
    f"| {mean(learning.w):.4f} | {std(learning.w):.4f} | {max(learning.w):.3f} |"
)
finish()
