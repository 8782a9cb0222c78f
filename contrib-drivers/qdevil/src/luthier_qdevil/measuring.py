"""The current meter of an output of the QDAC-II: single readings, and several as an array."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from luthier.errors import ResponseTimeoutError
from luthier.scpi import parse_float, parse_list

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from luthier_qdevil.qdac2 import QdacOutput

__all__ = ["take_currents", "taken_at_once", "waiting_currents"]

_POLL: Final = 0.02  # s
_SLOWEST_MAINS: Final = 50.0  # Hz
_SPARE: Final = 5.0  # s


def waiting_currents(output: QdacOutput) -> NDArray[np.float64]:
    """Return what was measured and not taken, in A; it stays on the instrument. Empty: nothing."""
    with output.monitor:
        if output.samples_available.get() == 0:
            return np.empty(0)
        return np.array(parse_list(output.query(f"fetc{output.number}?")))


def take_currents(output: QdacOutput) -> NDArray[np.float64]:
    """Take off the instrument what it has measured, in A; empty: nothing yet."""
    sense = f"sens{output.number}:data"
    with output.monitor:
        # Asked of nothing, the instrument does not answer.
        if int(parse_float(output.query(f"{sense}:poin?"))) == 0:
            return np.empty(0)
        return np.array(parse_list(output.query(f"{sense}:rem?")))


def taken_at_once(output: QdacOutput) -> NDArray[np.float64]:
    """Measure ``sample_count`` currents, begun at once, and return them; what was measured before is thrown away."""
    sense = f"sens{output.number}"
    with output.monitor:
        count = output.sample_count.get()
        longest = count * (output.nplc.known_or_read() / _SLOWEST_MAINS + output.measurement_delay.known_or_read())
        root: Any = output.root
        for command in ("abor", "init:cont off", "trig:sour imm"):
            root.write(f"{sense}:{command}")
        take_currents(output)
        root.write(f"{sense}:init")
        root.confirm_set(f"{sense}:init")
        end = time.monotonic() + 2 * longest + _SPARE
        while int(parse_float(output.query(f"{sense}:data:poin?"))) < count:
            if time.monotonic() > end:
                output.abort_measurement()
                raise ResponseTimeoutError(
                    f"it did not measure {count} currents within {2 * longest + _SPARE:.3g} s",
                    who=output.full_name,
                    state="The measurement was stopped.",
                    advice="Measure fewer, or with a shorter nplc.",
                    command=f"{sense}:init",
                    timeout=2 * longest + _SPARE,
                )
            time.sleep(min(_POLL, longest / 4))
        return take_currents(output)[-count:]
