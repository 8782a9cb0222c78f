"""What the gaussmeters of Lake Shore have in common; where their commands are known from is in the modules of each."""

from __future__ import annotations

from enum import IntFlag
from math import isnan, nan, pi
from typing import TYPE_CHECKING, Any, ClassVar, Final

from luthier import parameter
from luthier.errors import ReplyError
from luthier.scpi import format_float, parse_float, parse_int
from luthier.validators import Ints, Numbers

from luthier_lakeshore.decimals import exact
from luthier_lakeshore.event_status import LakeShoreInstrument
from luthier_lakeshore.safety import require_model

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LARGEST_FIELD", "Gaussmeter", "MeterStatus", "field_of", "fields", "tesla_of_unit"]

GAUSS: Final = 1e-4
"""In T; an oersted is the field that is a gauss in air."""
TESLA_OF_UNITS: Final = {1: GAUSS, 2: 1.0, 3: GAUSS, 4: 4e-7 * pi}
UNITS: Final = {"G": 1, "T": 2, "Oe": 3, "A/m": 4}
PROBES: Final = {
    "high sensitivity": 40,
    "high stability": 41,
    "ultra-high sensitivity": 42,
    "cable, high sensitivity": 50,
    "cable, high stability": 51,
    "cable, ultra-high sensitivity": 52,
}
LARGEST_FIELD: Final = 35.0
"""In T: 350 kG."""


class MeterStatus(IntFlag):
    """What the meter says of its probe and reading (``OPST?``); for the 475 not confirmed."""

    NO_PROBE = 1
    OVERLOAD = 2
    NEW_READING = 4
    ALARM = 8
    INVALID_PROBE = 16
    CALIBRATION_ERROR = 64
    ZERO_PROBE_DONE = 128


NO_NUMBERS: Final = ("OL", "NO PROBE")
"""What a 475 answers beyond its range and without a probe, as a driver of a laboratory has it."""
NO_FIELD: Final = MeterStatus.NO_PROBE | MeterStatus.OVERLOAD | MeterStatus.INVALID_PROBE


def tesla_of_unit(meter: Gaussmeter) -> float:
    """Ask for the units of fields, and return how many T one is."""
    reply = meter.query("UNIT?")
    number = parse_int(reply)
    if number not in TESLA_OF_UNITS:
        raise ReplyError(
            f"'UNIT?' was answered by {reply!r}; expected: 1 to 4", command="UNIT?", reply=reply, expected="1 to 4"
        )
    return TESLA_OF_UNITS[number]


def _number(text: str) -> float:
    """Return the field that a reply tells; not a number for the words that are said in its place."""
    return nan if text.strip().upper() in NO_NUMBERS else parse_float(text)


def _is_field(meter: Gaussmeter) -> bool:
    return not MeterStatus(parse_int(meter.query("OPST?"))) & NO_FIELD


def field_of(question: str) -> Callable[[Gaussmeter], float]:
    """Return what asks for a field and for its unit, and gives T; not a number where there is no reading."""

    def ask(meter: Gaussmeter) -> float:
        value = _number(meter.query(question))
        factor = tesla_of_unit(meter)
        return exact(value * factor) if _is_field(meter) and not isnan(value) else nan

    return ask


def fields(question: str) -> Callable[[Gaussmeter], tuple[float, float]]:
    """Return what asks for two fields and for their unit, and gives T."""

    def ask(meter: Gaussmeter) -> tuple[float, float]:
        reply = meter.query(question)
        first, comma, second = reply.partition(",")
        if not comma:
            raise ReplyError(
                f"{question!r} was answered by {reply!r}; expected: two numbers",
                command=question,
                reply=reply,
                expected="two numbers, with a comma between them",
            )
        factor = tesla_of_unit(meter)
        low, high = (nan if isnan(value) else exact(value * factor) for value in map(_number, (first, second)))
        return low, high

    return ask


def _get_relative_setpoint(meter: Gaussmeter) -> float:
    return exact(parse_float(meter.query("RELSP?")) * tesla_of_unit(meter))


def _set_relative_setpoint(meter: Gaussmeter, field: float) -> None:
    meter.write(f"RELSP {format_float(exact(field / tesla_of_unit(meter)))}")


class Gaussmeter(LakeShoreInstrument):
    """What the 425 and 475 have in common; open one of the models.

    Fields are in T, whatever unit the display shows: that is asked for with each reading, and so is the status; a field
    beyond the range, or without a probe, is not a number. That makes three messages for a reading, of about twenty that
    the instrument takes in a second.

    Opening one asks who it is, and changes nothing. It sources nothing.

    Raises
    ------
    IdentityError
        Another model than the class is for answers.
    """

    model: ClassVar[str]
    last_range: ClassVar[int]

    display_unit = parameter(
        str, get_cmd="UNIT?", set_cmd="UNIT {}", mapping=UNITS, doc="Unit of fields on the display (UNIT)."
    )
    auto_range = parameter(
        bool, get_cmd="AUTO?", set_cmd="AUTO {}", doc="Whether the instrument chooses the range (AUTO)."
    )
    range_number = parameter(
        int,
        get_cmd="RANGE?",
        set_cmd="RANGE {}",
        validator=Ints(1, 5),
        maximum=lambda meter: meter.last_range,
        depends_on=("auto_range",),
        doc="Range, 1 for the smallest; each is ten times the one before. What they are depends on the probe (RANGE).",
    )
    relative_setpoint = parameter(
        float,
        get_cmd=_get_relative_setpoint,
        set_cmd=_set_relative_setpoint,
        unit="T",
        validator=Numbers(-LARGEST_FIELD, LARGEST_FIELD),
        doc="What is taken from the field in the relative reading (RELSP).",
    )
    field = parameter(
        float,
        get_cmd=field_of("RDGFIELD?"),
        unit="T",
        snapshot=False,
        doc="Field at the probe (RDGFIELD?, UNIT?).",
    )
    relative_field = parameter(
        float,
        get_cmd=field_of("RDGREL?"),
        unit="T",
        snapshot=False,
        doc="Field without relative_setpoint, while the relative mode is on (RDGREL?, UNIT?, OPST?).",
    )
    status = parameter(
        MeterStatus,
        get_cmd="OPST?",
        get_parser=lambda reply: MeterStatus(parse_int(reply)),
        snapshot=False,
        doc="Probe, overload and alarm (OPST?).",
    )
    probe_type = parameter(str, get_cmd="TYPE?", mapping=PROBES, snapshot=False, doc="Which probe is there (TYPE?).")

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        require_model(self, self.model)
        self.add_function(
            "zero_probe", "ZPROBE", doc="Take the present reading for zero; the probe is in its chamber (ZPROBE)."
        )
        self.add_function("clear_zero", "ZCLEAR", doc="Forget the zero of the probe (ZCLEAR).")
