"""Instruments that live in another process: the protocol of the plugins that host them, without any implementation.

What travels is plain data: values (:mod:`luthier.server.values`), errors (:mod:`luthier.server.faults`), descriptions
of instruments (:mod:`luthier.server.descriptor`) and references (:class:`InstrumentRef`). How the bytes move is the
plugin's.
"""

from luthier.server.engine import Batched, ServerPlugin
from luthier.server.reference import InstrumentRef

__all__ = ["Batched", "InstrumentRef", "ServerPlugin"]
