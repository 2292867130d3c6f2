"""The COBAHH network in Brian2, with regular connections: the counterpart of examples/brian2/cobahh.ts."""
from brian2 import *  # noqa: F403
from port import finish, start

start()
cells = NeuronGroup(
    1000,
    """
    dv/dt = (10*nS*(-60*mV - v) + ge*(0*mV - v) + gi*(-80*mV - v)
             - 20*uS*m**3*h*(v - 50*mV) - 6*uS*n**4*(v + 90*mV)) / (200*pF) : volt
    dm/dt = (1 - m)*1.28/ms/exprel((-50*mV - v)/(4*mV)) - m*1.4/ms/exprel((v + 23*mV)/(5*mV)) : 1
    dn/dt = (1 - n)*0.16/ms/exprel((-48*mV - v)/(5*mV)) - n*0.5/ms*exp((-53*mV - v)/(40*mV)) : 1
    dh/dt = (1 - h)*0.128/ms*exp((-46*mV - v)/(18*mV)) - h*4/ms/(1 + exp((-23*mV - v)/(5*mV))) : 1
    dge/dt = -ge / (5*ms) : siemens
    dgi/dt = -gi / (10*ms) : siemens
    """,
    threshold="v > -20*mV",
    refractory=3 * ms,
    method="exponential_euler",
)
cells.v = "-65*mV + 5*mV*sin(i)"
cells.ge = "40*nS + 15*nS*sin(2*i)"
cells.gi = "200*nS + 120*nS*sin(3*i)"
excitation = Synapses(cells[:800], cells, on_pre="ge += 6*nS")
inhibition = Synapses(cells[800:], cells, on_pre="gi += 67*nS")
for synapses in (excitation, inhibition):
    synapses.connect("(7919*i + 6007*j + 31*i*j) % 1009 < 81")
spikes = SpikeMonitor(cells)
run(100 * ms)

print(f"{len(excitation)} and {len(inhibition)} synapses, {spikes.num_spikes} spikes\n")
print("| neuron | spikes | spikes (ms) | final v (mV) | final m | final h |\n|---|---|---|---|---|---|")
trains = spikes.spike_trains()
for i in (0, 400, 799, 800, 999):
    times = " ".join("%.1f" % (t / ms) for t in trains[i])
    print(f"| {i} | {len(trains[i])} | {times} | {cells.v[i]/mV:.6g} | {cells.m[i]:.6g} | {cells.h[i]:.6g} |")
finish()
