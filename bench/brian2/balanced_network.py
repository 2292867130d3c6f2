"""The COBA and CUBA benchmarks in Brian2, written as by its authors, for bench/brian2/main.ts.

    balanced_network.py build coba 4000 FOLDER THREADS    builds a C++ standalone program in FOLDER, prints its seconds
    balanced_network.py cython coba 4000          runs with Cython once everything is compiled, prints figures

Source of the models: R. Brette et al., J. Comput. Neurosci. 23 (2007) 349-398; Brian2's examples CUBA and COBAHH.
"""
import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")
from brian2 import *  # noqa: E402,F403

mode, kind, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
if mode == "build":
    set_device("cpp_standalone", build_on_run=False, directory=sys.argv[4])
    # 0 builds without OpenMP.
    prefs.devices.cpp_standalone.openmp_threads = int(sys.argv[5])
else:
    prefs.codegen.target = "cython"
seed(1)
defaultclock.dt = 0.1 * ms
taum, taue, taui = 20 * ms, 5 * ms, 10 * ms
Vt, Vr = -50 * mV, -60 * mV
if kind == "coba":
    El, Ee, Ei = -60 * mV, 0 * mV, -80 * mV
    we, wi = 6 / 10.0, 67 / 10.0
    eqs = """
    dv/dt = (ge*(Ee-v)+gi*(Ei-v)-(v-El))*(1./taum) : volt (unless refractory)
    dge/dt = -ge*(1./taue) : 1
    dgi/dt = -gi*(1./taui) : 1
    """
    method = "exponential_euler"
else:
    El = -49 * mV
    we, wi = (60 * 0.27 / 10) * mV, (-20 * 4.5 / 10) * mV
    eqs = """
    dv/dt = (ge+gi-(v-El))/taum : volt (unless refractory)
    dge/dt = -ge/taue : volt
    dgi/dt = -gi/taui : volt
    """
    method = "exact"
neurons = NeuronGroup(size, eqs, threshold="v>Vt", reset="v = Vr", refractory=5 * ms, method=method)
if kind == "coba":
    neurons.v = "El + (randn() * 5 - 5)*mV"
    neurons.ge = "randn() * 1.5 + 4"
    neurons.gi = "randn() * 12 + 20"
else:
    neurons.v = "Vr + rand() * (Vt - Vr)"
excitatory = int(0.8 * size)
Ce = Synapses(neurons[:excitatory], neurons, on_pre="ge += we")
Ci = Synapses(neurons[excitatory:], neurons, on_pre="gi += wi")
Ce.connect(p=80.0 / size)
Ci.connect(p=80.0 / size)
spikes = SpikeMonitor(neurons)
if mode == "build":
    run(1 * second)
    began = time.time()
    device.build(directory=sys.argv[4], compile=True, run=False)
    print(json.dumps({"seconds": time.time() - began}))
else:
    began = time.time()
    run(defaultclock.dt)
    built = time.time() - began
    cpu, wall = time.process_time(), time.time()
    run(1 * second)
    figures = {"cpu": time.process_time() - cpu, "wall": time.time() - wall, "build": built}
    print(json.dumps({**figures, "rate": spikes.num_spikes / size}))
