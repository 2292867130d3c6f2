"""Lateral inhibition and plastic synapses in Brian2: the counterpart of examples/brian2/digit-learning.ts."""
from brian2 import *  # noqa: F403
from port import finish, start

seed_used = start()
membrane = """
    dv/dt = (rest - v - ge*v + gi*(bottom - v)) / tau : volt (unless refractory)
    dge/dt = -ge / ms : 1
    dgi/dt = -gi / (2*ms) : 1
"""
excitatory = NeuronGroup(
    100,
    membrane + "dtimer/dt = 1 : second\ndtheta/dt = -theta / (10000*second) : volt",
    threshold="v > theta - 72*mV and timer > 50*ms",
    reset="v = -65*mV; timer = 0*ms; theta += 0.05*mV",
    refractory=5 * ms,
    method="euler",
    namespace={"rest": -65 * mV, "bottom": -100 * mV, "tau": 100 * ms},
)
inhibitory = NeuronGroup(
    100,
    membrane,
    threshold="v > -40*mV",
    reset="v = -45*mV",
    refractory=2 * ms,
    method="euler",
    namespace={"rest": -60 * mV, "bottom": -85 * mV, "tau": 10 * ms},
)
excitatory.v, excitatory.theta, inhibitory.v = -65 * mV, 20 * mV, -60 * mV
drive = Synapses(excitatory, inhibitory, on_pre="ge += 10.4")
drive.connect(j="i")
compete = Synapses(inhibitory, excitatory, on_pre="gi += 17")
compete.connect("i != j")
pixels = PoissonGroup(784, rates=0 * Hz)
learning = Synapses(
    pixels,
    excitatory,
    """
    w : 1
    dpre/dt = -pre / (20*ms) : 1 (event-driven)
    dfast/dt = -fast / (20*ms) : 1 (event-driven)
    dslow/dt = -slow / (40*ms) : 1 (event-driven)
    """,
    on_pre="ge += w; pre = 1; w = clip(w - 1e-4*fast, 0, 1)",
    on_post="w = clip(w + 1e-2*pre*slow, 0, 1); fast = 1; slow = 1",
)
learning.connect()
learning.delay = "rand() * 10*ms"
learning.w = "0.3 * (rand() + 0.01)"
spikes = SpikeMonitor(excitatory)


def normalize():
    w = reshape(learning.w, (784, 100))
    learning.w = (w * (78 / sum(w, axis=0))).reshape(-1)


def show(intensity):
    """Shows the picture, more strongly until five spikes come. Returns spikes per neuron, early spikes, intensity."""
    before, early = array(spikes.count), spikes.num_spikes
    rates = zeros(784)
    rates[300:400] = 255 / 8 * intensity
    pixels.rates = rates * Hz
    run(60 * ms)
    early = spikes.num_spikes - early
    run(290 * ms)
    after = array(spikes.count)
    pixels.rates = 0 * Hz
    run(150 * ms)
    return (after - before, early, intensity) if sum(after - before) >= 5 else show(intensity + 1)


print("| seed | picture | intensity | spikes before 60 ms | later | active neurons | weights before: mean | deviation | mean theta (mV) | largest |")
print("|---|---|---|---|---|---|---|---|---|---|")
for picture in (1, 2):
    normalize()
    weights = f"{mean(learning.w):.6f} | {std(learning.w):.5f}"
    counts, early, intensity = show(2)
    theta = excitatory.theta / mV
    print(
        f"| {seed_used} | {picture} | {intensity} | {early} | {sum(counts) - early} | {sum(counts > 0)} | {weights} "
        f"| {mean(theta):.4f} | {max(theta):.2f} |"
    )
finish()
