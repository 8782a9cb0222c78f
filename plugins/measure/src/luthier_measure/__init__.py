"""Sweeps, runs and datasets for Luthier.

::

    from luthier_measure import measure, sweep

    run = measure(sweep(dac.ch1, 0, 1, num=101), sweep(dac.ch2, 0, 1, num=51), dmm.voltage, name="pinch-off")
    run.dataset
"""

from __future__ import annotations

from luthier_measure.adapting import adaptive
from luthier_measure.buffering import buffered
from luthier_measure.continuing import continue_run
from luthier_measure.failed_readings import retry
from luthier_measure.free_run import FreeRun, new_run
from luthier_measure.loading import load, runs
from luthier_measure.measured_points import Points
from luthier_measure.measuring import measure
from luthier_measure.plan import Plan, plan
from luthier_measure.repetition import both_ways, repeat
from luthier_measure.run import Run
from luthier_measure.schedule import LatePointWarning, every
from luthier_measure.steps import do, skip_if, stop_if, stop_run_if, wait, wait_until
from luthier_measure.storage import data_folder
from luthier_measure.suspenders import pause_while
from luthier_measure.sweeps import Sweep, linked, sweep

__all__ = [
    "FreeRun",
    "LatePointWarning",
    "Plan",
    "Points",
    "Run",
    "Sweep",
    "adaptive",
    "both_ways",
    "buffered",
    "continue_run",
    "data_folder",
    "do",
    "every",
    "linked",
    "load",
    "measure",
    "new_run",
    "pause_while",
    "plan",
    "repeat",
    "retry",
    "runs",
    "skip_if",
    "stop_if",
    "stop_run_if",
    "sweep",
    "wait",
    "wait_until",
]
