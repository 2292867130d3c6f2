"""What the counterparts of the ports share: the command line, and the processor time of the runs.

    python3 NAME.py [--seed 1] [--target numpy]
"""
import argparse
import json
import time
import warnings

warnings.filterwarnings("ignore")
import brian2  # noqa: E402
import numpy  # noqa: E402

_parser = argparse.ArgumentParser()
_parser.add_argument("--seed", type=int, default=1)
_parser.add_argument("--target", choices=["numpy", "cython"], default="numpy")
_began = 0.0


def start(dt=0.1 * brian2.ms):
    """Chooses the code target and the seed, and starts the clock. Returns the seed."""
    global _began
    arguments = _parser.parse_args()
    brian2.prefs.codegen.target = arguments.target
    brian2.defaultclock.dt = dt
    numpy.random.seed(arguments.seed)
    brian2.seed(arguments.seed)
    _began = time.process_time()
    return arguments.seed


def finish():
    """Prints the processor seconds of the process, and those since `start`: without Python's start and Brian2's import."""
    cpu = time.process_time()
    print(json.dumps({"cpu": cpu, "imported": cpu - _began, "version": brian2.__version__}))
