"""Meta instruments: virtual parameters over several instruments, and the strategies that set them.

::

    from luthier_meta import MetaInstrument

    gates = MetaInstrument("gates", {"left": dac.ch1, "right": dac.ch2})
    gates.add_linear(["detuning", "energy"], of=["left.voltage", "right.voltage"], matrix=[[1, -1], [0.5, 0.5]])
    gates.detuning(0.002)
"""

from __future__ import annotations

from luthier_meta.instrument import MetaInstrument
from luthier_meta.parallel import parallel
from luthier_meta.ramped import Ramped, ramped
from luthier_meta.sequential import sequential
from luthier_meta.transactional import transactional

__all__ = ["MetaInstrument", "Ramped", "parallel", "ramped", "sequential", "transactional"]
