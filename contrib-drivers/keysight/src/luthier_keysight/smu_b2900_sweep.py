"""List sweeps of the B2900 source-measure units, read as arrays.

Pages: Agilent B2900 Series SCPI Command Reference, B2910-90030, Edition 2, July 2011, where named so; else Keysight
B2961A/B2962A SCPI Command Reference, B2961-90030, Edition 6, April 2019.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from luthier import Channel, group, parameter
from luthier.errors import IrrelevantParameterError, ReplyError, ValidationError
from luthier.scpi import ArrayFormat, format_float, parse_int
from luthier.validators import Arrays

if TYPE_CHECKING:
    from luthier.parameter import Declaration
    from numpy.typing import ArrayLike, NDArray

__all__ = ["LARGEST_CURRENT", "LARGEST_VOLTAGE", "SmuSweep", "require_output"]

LARGEST_VOLTAGE = 210.0
LARGEST_CURRENT = 3.03
MOST_LEVELS = 2500
LEVELS_OF_ONE_MESSAGE = 100
TEXT = ArrayFormat()
COLUMNS = {"voltages": "VOLT", "currents": "CURR", "times": "TIME"}
SHORT = {"voltage": "VOLT", "current": "CURR"}


def require_output(output: Any) -> None:
    """Refuse to measure with the output off, which the instrument would switch on by itself."""
    if not output.output.known_or_read():
        raise IrrelevantParameterError(
            "cannot measure: the output is off",
            who=output.full_name,
            state="No reading was started.",
            advice=f"Switch it on with {output.full_name}.output(True).",
            condition="the output is on",
        )


def _source(sweep: SmuSweep) -> str:
    return f"SOUR{sweep.number}:LIST:{SHORT[sweep.output_of.source_function.known_or_read()]}"


def _levels(sweep: SmuSweep) -> NDArray[Any]:
    levels: NDArray[Any] = sweep.query_array(f"{_source(sweep)}?", TEXT)
    return levels


def _points(sweep: SmuSweep) -> int:
    return parse_int(sweep.query(f"{_source(sweep)}:POIN?"))


def _run(sweep: SmuSweep) -> dict[str, NDArray[np.float64]]:
    require_output(sweep.output_of)
    count = sweep.points()
    sweep.write(f"INIT (@{sweep.number})")
    sweep.query("*OPC?")
    record = {}
    for name, element in COLUMNS.items():
        query = f"FETC:ARR:{element}? (@{sweep.number})"
        record[name] = sweep.query_array(query, TEXT)
        if len(record[name]) != count:
            raise ReplyError(
                f"{query} was answered by {len(record[name])} numbers; expected: {count}, one for each level",
                command=query,
                reply=f"{len(record[name])} numbers",
                expected=f"{count} numbers",
                advice=f"Send the list with {sweep.full_name}.load(levels), which also sets how often to trigger.",
            )
    return record


def _column(what: str, unit: str) -> Declaration[NDArray[Any]]:
    return parameter(
        np.ndarray,
        group="record",
        unit=unit,
        shape=("points",),
        axes=("levels",),
        snapshot=False,
        doc=f"{what} of each reading.",
    )


class SmuSweep(Channel):
    """Sweeps through a list of levels, which the instrument makes by itself.

    To sweep, call :meth:`load`, switch the output on and read ``record``; :meth:`end` goes back to the fixed level. The
    connection's timeout has to be longer than the sweep takes. After the sweep the output stays on.
    """

    number: int

    points = parameter(
        int,
        get_cmd=_points,
        snapshot=False,
        doc="How many levels the list of the source function has (SOURce:LIST:<function>:POINts?; B2900, page 4-105).",
    )
    levels = parameter(
        np.ndarray,
        get_cmd=_levels,
        shape=("points",),
        snapshot=False,
        doc="The list of the source function, in V or A (SOURce:LIST:<function>?; B2900, page 4-105).",
    )
    voltages = _column("Voltage", "V")
    currents = _column("Current", "A")
    times = _column("Time stamp", "s")
    record = group(
        "voltages",
        "currents",
        "times",
        get_cmd=_run,
        doc="Runs the sweep, with the output on, waits for its end, and reads all of it; what was not measured is NaN, "
        "an overflow infinite (INITiate; FETCh:ARRay:<element>?, page 4-17).",
    )

    def __init__(self, parent: Channel, number: int) -> None:
        super().__init__(parent, "sweep")
        self.number = number
        self.output_of: Any = parent

    def load(self, levels: ArrayLike) -> None:
        """Send the levels of a sweep, and choose them; the level at the terminals stays until the sweep is run.

        Voltage and current are measured with each, and the channel triggers itself once for each. Two channels are
        not swept together.

        Parameters
        ----------
        levels
            1 to 2500 levels in V, or in A as ``source_function`` is: -210 to 210 V, -3.03 to 3.03 A
            (SOURce:LIST:<function>, page 4-105 of the B2900; SOURce:<function>:MODE; TRIGger:SOURce and COUNt).

        Raises
        ------
        ValidationError
            Other levels; nothing was sent but the question for ``source_function``.
        """
        function = self.output_of.source_function.known_or_read()
        largest = {"voltage": LARGEST_VOLTAGE, "current": LARGEST_CURRENT}[function]
        accepted = np.asarray(Arrays((None,), minimum=-largest, maximum=largest).check(levels), dtype=float)
        _check_count(self, len(accepted))
        texts = [format_float(level) for level in accepted.tolist()]
        source, n = SHORT[function], self.number
        with self.monitor:
            for first in range(0, len(texts), LEVELS_OF_ONE_MESSAGE):
                more = ":APP" if first else ""
                self.write(f"SOUR{n}:LIST:{source}{more} {','.join(texts[first : first + LEVELS_OF_ONE_MESSAGE])}")
            self.write(f'SENS{n}:FUNC "VOLT","CURR"')
            self.write(f"TRIG{n}:SOUR AINT")
            self.write(f"TRIG{n}:COUN {len(texts)}")
            self.write(f"SOUR{n}:{source}:MODE LIST")
        for name in ("points", "levels"):
            self[name].cache.invalidate()

    def end(self) -> None:
        """Go back to the fixed level, for the present source function, and to one reading for each start."""
        source = SHORT[self.output_of.source_function.known_or_read()]
        self.write(f"SOUR{self.number}:{source}:MODE FIX")
        self.write(f"TRIG{self.number}:COUN 1")


def _check_count(sweep: SmuSweep, count: int) -> None:
    if not 1 <= count <= MOST_LEVELS:
        raise ValidationError(
            f"cannot send a list of {count} levels: allowed are 1 to {MOST_LEVELS}",
            who=sweep.full_name,
            state="Nothing was sent.",
            value=count,
            allowed=f"1 to {MOST_LEVELS} levels",
        )
