"""Networks with plastic synapses in Brian2, written as by its authors, for bench/brian2/main.ts.

    plastic_network.py build stdp 100 FOLDER    builds a C++ standalone program in FOLDER, prints its seconds

Sources of the models: S. Song, K. Miller and L. Abbott, Nature Neuroscience 3 (2000) 919-926; T. Vogels et al., Science 334
(2011) 1569-1573; Brian2's examples of them.
"""
import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")
from brian2 import *  # noqa: E402,F403

kind, size, folder = sys.argv[2], int(sys.argv[3]), sys.argv[4]
set_device("cpp_standalone", build_on_run=False, directory=folder)
# 0 builds without OpenMP.
prefs.devices.cpp_standalone.openmp_threads = int(sys.argv[5])
seed(1)
defaultclock.dt = 0.1 * ms
traces = """
w : 1
dbefore/dt = -before / tau : 1 (event-driven)
dafter/dt = -after / tau : 1 (event-driven)
"""
tau = 20 * ms
if kind == "stdp":
    taum, taue, leak, threshold, after_spike = 10 * ms, 5 * ms, -74 * mV, -54 * mV, -60 * mV
    gmax = 0.01
    up, down = 0.01 * gmax, -0.0105 * gmax
    inputs = PoissonGroup(1000, rates=15 * Hz)
    eqs = """
    dv/dt = (-ge * v + leak - v) / taum : volt
    dge/dt = -ge / taue : 1
    """
    neurons = NeuronGroup(size, eqs, threshold="v > threshold", reset="v = after_spike", method="euler")
    neurons.v = after_spike
    plastic = Synapses(
        inputs,
        neurons,
        traces,
        on_pre="ge += w\nbefore += up\nw = clip(w + after, 0, gmax)",
        on_post="after += down\nw = clip(w + before, 0, gmax)",
    )
    plastic.connect()
    plastic.w = "rand() * gmax"
else:
    leak, rest, inhibition, threshold = 10 * nS, -60 * mV, -80 * mV, -50 * mV
    capacitance, background, tau_e, tau_i = 200 * pF, 200 * pA, 5 * ms, 10 * ms
    rate, depression, gmax = 0.01, 0.12, 100
    eqs = """
    dv/dt = (leak * (rest - v) - ge * v + gi * (inhibition - v) + background) / capacitance : volt (unless refractory)
    dge/dt = -ge / tau_e : siemens
    dgi/dt = -gi / tau_i : siemens
    """
    neurons = NeuronGroup(
        size, eqs, threshold="v > threshold", reset="v = rest", refractory=5 * ms, method="euler"
    )
    neurons.v = rest
    excitatory = int(0.8 * size)
    exc, inh = neurons[:excitatory], neurons[excitatory:]
    p = 200 / size
    from_exc = Synapses(exc, neurons, on_pre="ge += 0.3*nS")
    from_exc.connect(p=p)
    among_inh = Synapses(inh, inh, on_pre="gi += 3*nS")
    among_inh.connect(p=p)
    plastic = Synapses(
        inh,
        exc,
        traces,
        on_pre="before += 1\nw = clip(w + (after - depression) * rate, 0, gmax)\ngi += w*nS",
        on_post="after += 1\nw = clip(w + before * rate, 0, gmax)",
    )
    plastic.connect(p=p)
    plastic.w = 1e-10
spikes = SpikeMonitor(neurons)
run(1 * second)
began = time.time()
device.build(directory=folder, compile=True, run=False)
print(json.dumps({"seconds": time.time() - began}))
