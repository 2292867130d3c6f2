"""Calcium-based plasticity in Brian2: the counterpart of examples/brian2/calcium-plasticity.ts.

The sources fire at given times instead of by a threshold on the time.
"""
from brian2 import *  # noqa: F403
from port import finish, start

start()
differences = [-20, 0, 20]
first = {-20: 80.1, 0: 100.1, 20: 120.0}
copies = 40


def synapses(noise, each, seconds):
    """`each` synapses for every time difference and both starts; returns the traces of one and the final efficacies."""
    pre = SpikeGeneratorGroup(1, [0] * seconds, (100.1 + 1000 * arange(seconds)) * ms)
    times = concatenate([first[d] + 1000 * arange(seconds) for d in differences])
    post = SpikeGeneratorGroup(3, repeat(arange(3), seconds), times * ms)
    rule = Synapses(
        pre,
        post,
        """
        drho/dt = (-rho*(1 - rho)*(0.5 - rho) + 321.808*(1 - rho)*up - 200*rho*down
                   + noise*sqrt(tau)*sqrt(up + down)*xi) / tau : 1 (clock-driven)
        dc/dt = -c / (20*ms) : 1 (clock-driven)
        up = int(c > 1.3) : 1
        down = int(c > 1) : 1
        """,
        on_pre="c += 1",
        on_post="c += 2",
        delay={"pre": 13.7 * ms},
        method="heun",
        namespace={"tau": 150 * second, "noise": noise},
    )
    rule.connect(True, n=2 * each)
    rule.rho = (arange(6 * each) // each) % 2
    network = Network(pre, post, rule)
    record = None
    if each == 1:
        record = StateMonitor(rule, ["c", "rho"], record=arange(6))
        network.add(record)
    network.run(seconds * second)
    return record, array(rule.rho).reshape(3, 2, each)


record, _ = synapses(0, 1, 5)
print("| post - pre (ms) | largest c, at (ms) | steps with c > 1, c > 1.3 | rho at 1 s from 0, from 1 | rho at 5 s |")
print("|---|---|---|---|---|")
for k, difference in enumerate(differences):
    c, low, high = record.c[2 * k], record.rho[2 * k], record.rho[2 * k + 1]
    print(
        f"| {difference} | {max(c):.6g} {argmax(c)/10:.1f} | {sum(c > 1)} {sum(c > 1.3)} "
        f"| {low[10000]:.6g} {high[10000]:.6g} | {low[-1]:.6g} {high[-1]:.6g} |"
    )
_, final = synapses(2.8284, copies, 5)
print("\n| post - pre (ms), with noise | mean rho at 5 s from 0 | deviation | share above 0.5 "
    "| from 1 | deviation | share below 0.5 |\n|---|---|---|---|---|---|---|")
for difference, (low, high) in zip(differences, final):
    moved = f"{mean(low > 0.5):.2f}", f"{mean(high < 0.5):.2f}"
    print(
        f"| {difference} | {mean(low):.4f} | {std(low):.4f} | {moved[0]} "
        f"| {mean(high):.4f} | {std(high):.4f} | {moved[1]} |"
    )
finish()
