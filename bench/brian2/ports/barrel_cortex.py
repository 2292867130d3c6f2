"""Maps of the whiskers' directions in Brian2: the counterpart of examples/brian2/barrel-cortex.ts."""
from brian2 import *  # noqa: F403
from port import finish, start

seed_used = start()
epsc = 0.2**-1.25 * mV
ipsc = -(2.5 ** (10 / 15)) * mV
layer4 = NeuronGroup(
    4 * 484,
    """
    rate = int(passing) * clip(cos(direction - preferred), 0, 1) * 100*Hz : Hz
    passing = abs((barrel_x + 0.5 - bar_x)*cos(direction) + (barrel_y + 0.5 - bar_y)*sin(direction)) < 0.5 : boolean
    bar_x = 1 + cos(direction)*along : 1
    bar_y = 1 + sin(direction)*along : 1
    along = (t - number*25*ms) / (5*ms) - 2.5 : 1
    number : 1
    direction : 1
    barrel_x : 1
    barrel_y : 1
    preferred : 1
    """,
    threshold="rand() < rate*dt",
)
layer4.barrel_x = "(i // 484) % 2"
layer4.barrel_y = "i // 968"
layer4.preferred = "(i % 484) / 484.0 * 2*pi"
layer4.run_regularly("number = timestep(t, dt) // 250; direction = (number*0.618034) % 1 * 2*pi", dt=25 * ms)
layer23 = NeuronGroup(
    4 * (36 + 9),
    """
    dv/dt = (ge + gi - 70*mV - v) / (10*ms) : volt
    dge/dt = -ge / (2*ms) : volt
    dgi/dt = -gi / (25*ms) : volt
    dvt/dt = (-55*mV - vt) / (50*ms) : volt
    x : 1
    y : 1
    """,
    threshold="v > vt",
    reset="v = -70*mV; vt += 2*mV",
    refractory=2 * ms,
    method="euler",
)
layer23.v = -70 * mV
layer23.vt = -55 * mV
excitatory, inhibitory = layer23[:144], layer23[144:]
excitatory.x = "(i % 12) / 6.0"
excitatory.y = "(i // 12) / 6.0"
inhibitory.x = "(i % 6) / 3.0"
inhibitory.y = "(i // 6) / 3.0"
forward = Synapses(
    layer4,
    excitatory,
    """
    w : volt
    dbefore/dt = -before / (5*ms) : volt (event-driven)
    dafter/dt = -after / (25*ms) : volt (event-driven)
    """,
    on_pre="ge += w; before += 0.05*epsc; w = clip(w + after, 0*mV, epsc)",
    on_post="after -= 0.04*epsc; w = clip(w + before, 0*mV, epsc)",
)
forward.connect("i // 484 == int(floor(x_post) + 2*floor(y_post))", p=0.5)
forward.w = 0.5 * epsc
lateral = Synapses(excitatory, layer23, "w : volt", on_pre="ge += w")
lateral.connect(p="0.15*exp(-0.5*((x_pre - x_post)**2 + (y_pre - y_post)**2) / 0.16)")
lateral.w = "epsc * (5 + 12*int(j >= 144))"
inhibition = Synapses(inhibitory, excitatory, on_pre="gi += 16*ipsc")
inhibition.connect(p="exp(-0.5*((x_pre - x_post)**2 + (y_pre - y_post)**2) / 0.04)")
spikes = [SpikeMonitor(group) for group in (layer4, excitatory, inhibitory)]
Network(collect(), spikes).run(2 * second)

w = forward.w / epsc
incoming = bincount(forward.j, minlength=144)
angles = layer4.preferred[:][forward.i]
real, imaginary = (bincount(forward.j, weights=w * f(angles), minlength=144) / incoming for f in (cos, sin))
rates = " | ".join(f"{monitor.num_spikes/2/monitor.source.N:.3f}" for monitor in spikes)
print("| seed | synapses forward, lateral, inhibitory | rates of layer 4, excitatory, inhibitory (Hz) | | | mean weight | deviation | selectivity |")
print("|---|---|---|---|---|---|---|---|")
print(
    f"| {seed_used} | {len(forward)} {len(lateral)} {len(inhibition)} | {rates} "
    f"| {mean(w):.4f} | {std(w):.4f} | {mean(hypot(real, imaginary)):.4f} |"
)
finish()
