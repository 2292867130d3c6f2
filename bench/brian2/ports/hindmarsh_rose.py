"""The Hindmarsh-Rose model in Brian2: the counterpart of examples/brian2/hindmarsh-rose.ts."""
from brian2 import *  # noqa: F403
from port import finish, start

start()
cells = NeuronGroup(
    3,
    """
    dx/dt = (y - x**3 + 3*x**2 + current - z) / ms : 1
    dy/dt = (1 - 5*x**2 - y) / ms : 1
    dz/dt = 0.001 * (4*(x + 1.6) - z) / ms : 1
    current : 1 (constant)
    """,
    method="rk4",
)
cells.current = [0.4, 2, 4]
cells.x = -1.6
cells.y = "1 - 5*x**2"
record = StateMonitor(cells, "x", record=True)
run(2100 * ms)

print("| input | crossings of 0 | first crossings (ms) | last crossing (ms) | final x | final y | final z |")
print("|---|---|---|---|---|---|---|")
for i, trace in enumerate(record.x):
    up = nonzero((trace[1:] >= 0) & (trace[:-1] < 0))[0] + 1
    times = ["%.1f" % (k / 10) for k in up]
    last = times[-1] if times else "-"
    final = " | ".join("%.6g" % getattr(cells, name)[i] for name in "xyz")
    print(f"| {cells.current[i]:g} | {len(times)} | {' '.join(times[:5])} | {last} | {final} |")
finish()
