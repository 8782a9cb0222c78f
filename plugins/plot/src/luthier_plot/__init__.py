"""Live plots of runs: in the browser, in a window of its own, and in notebooks.

``luthier watch`` shows the newest run; ``measure(…, plot=True)`` starts a plot with the run; ``run.watch()`` shows one
in a notebook.
"""

from __future__ import annotations

from luthier_plot.viewer import LivePlot, watch_run

__all__ = ["LivePlot", "watch_run"]
