"""Runs out of a QCoDeS database; QCoDeS itself is not needed.

::

    from luthier_measure.qcodes import import_qcodes

    for imported in import_qcodes("experiments.db"):
        print(imported.number, imported.run_id or imported.problem)
"""

from __future__ import annotations

from luthier_measure.qcodes.transfer import ImportedRun, import_qcodes

__all__ = ["ImportedRun", "import_qcodes"]
