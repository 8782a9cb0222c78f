"""These scripts run in other environments; pytest, which looks for examples in docstrings, cannot import them."""

from __future__ import annotations

collect_ignore_glob = ["*_figures.py", "qcodes_database.py"]
