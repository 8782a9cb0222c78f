"""The multimeter in a 3706A: one function at a time, each with settings of its own.

Sources: see :mod:`luthier_keithley.switch3706a`.
"""

from __future__ import annotations

from math import inf, isnan
from typing import TYPE_CHECKING, Any

from luthier import Channel, parameter
from luthier.errors import ReplyError
from luthier.scpi import parse_float
from luthier.validators import Enum, Ints, Numbers, Strings

if TYPE_CHECKING:
    from luthier.parameter import Declaration

__all__ = ["CHANNELS", "NAME", "MeterOf3706A", "text"]

CHANNELS = Strings(1, 4096, r"[A-Za-z0-9_,;: ]+")
"""A list of channels as the instrument takes it; nothing that could end the text in a command."""
NAME = Strings(1, 19, r"[A-Za-z][A-Za-z0-9_]*")
"""Of a pattern or a configuration (3700AS-901-01 Rev. D, page 11-82)."""

_FUNCTIONS = {
    "DC voltage": "dcvolts",
    "AC voltage": "acvolts",
    "DC current": "dccurrent",
    "AC current": "accurrent",
    "resistance": "twowireohms",
    "four-wire resistance": "fourwireohms",
    "common-side resistance": "commonsideohms",
    "temperature": "temperature",
    "frequency": "frequency",
    "period": "period",
    "continuity": "continuity",
    "none": "nofunction",
}
_VOLTAGES = ("DC voltage", "AC voltage")
_CURRENTS = ("DC current", "AC current")
_RESISTANCES = ("resistance", "four-wire resistance", "common-side resistance")
_RANGING = (*_VOLTAGES, *_CURRENTS, *_RESISTANCES)
_INTEGRATING = (*_RANGING, "temperature")
_MEASURING = tuple(name for name in _FUNCTIONS if name != "none")
_LOWEST_AC_CURRENT = 1e-3
_LOWEST_TWO_WIRE = 10.0
_OVERFLOW = 9.9e37


def text(reply: str) -> str:
    """Return what a function answered; ``nil``, which stands for nothing, as empty text."""
    return "" if reply.strip() == "nil" else reply.strip()


def _number(reply: str) -> float:
    if reply.strip() == "nil":
        raise ReplyError(
            "the reply is nil: the present function has no such value, or no reading was taken",
            command="",
            reply=reply,
            expected="a number",
        )
    return parse_float(reply)


def _measured(reply: str) -> float:
    value = _number(reply)
    return inf if isnan(value) or abs(value) >= _OVERFLOW else value


def _range(unit: str, functions: tuple[str, ...], ranges: tuple[float, ...], **more: Any) -> Declaration[float]:
    return parameter(
        float,
        get_cmd="print(dmm.range)",
        set_cmd="dmm.range={}",
        get_parser=_number,
        unit=unit,
        validator=Enum(*ranges),
        relevant_when={"function": functions},
        depends_on=("function", "auto_range"),
        doc="Range of the present function; setting it ends automatic ranging (dmm.range, 3700S-901-01 page 13-157).",
        **more,
    )


def _reading(unit: str, functions: tuple[str, ...], doc: str) -> Declaration[float]:
    return parameter(
        float,
        get_cmd="print(dmm.measure())",
        get_parser=_measured,
        unit=unit,
        relevant_when={"function": functions},
        snapshot=False,
        doc=f"{doc}; an overflow is infinite (dmm.measure).",
    )


class MeterOf3706A(Channel):
    """The multimeter; what of its settings belongs to a function is that of the present one."""

    function = parameter(
        str,
        get_cmd="print(dmm.func)",
        set_cmd='dmm.func="{}"',
        mapping=_FUNCTIONS,
        get_parser=str.strip,
        doc='What is measured; "none" does not measure. While a channel for currents alone is closed, only currents '
        "can be chosen (dmm.func).",
    )
    voltage_range = _range("V", _VOLTAGES, (0.1, 1.0, 10.0, 100.0, 300.0))
    current_range = _range(
        "A",
        _CURRENTS,
        (1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0, 3.0),
        minimum=lambda meter: _LOWEST_AC_CURRENT if meter.function() == "AC current" else 0.0,
    )
    resistance_range = _range(
        "Ω",
        _RESISTANCES,
        tuple(10.0**power for power in range(9)),
        minimum=lambda meter: _LOWEST_TWO_WIRE if meter.function() == "resistance" else 0.0,
    )
    auto_range = parameter(
        bool,
        get_cmd="print(dmm.autorange)",
        set_cmd="dmm.autorange={}",
        get_parser=lambda reply: _number(reply) == 1,
        relevant_when={"function": _RANGING},
        depends_on=("function", "voltage_range", "current_range", "resistance_range"),
        doc="The instrument chooses the range of the present function (dmm.autorange).",
    )
    nplc = parameter(
        float,
        get_cmd="print(dmm.nplc)",
        set_cmd="dmm.nplc={}",
        get_parser=_number,
        unit="",
        validator=Numbers(0.0005, 15),
        maximum=lambda meter: 12.0 if meter.parent.line_frequency() == 50 else 15.0,  # noqa: PLR2004 - 50 Hz of the mains
        relevant_when={"function": _INTEGRATING},
        depends_on=("function",),
        doc="Integration time of the present function, in periods of the mains: to 15 at 60 Hz, to 12 at 50 Hz. The "
        "instrument may take a neighbouring value without an error (dmm.nplc, 3700S-901-01 page 13-153).",
    )
    auto_delay = parameter(
        str,
        get_cmd="print(dmm.autodelay)",
        set_cmd="dmm.autodelay={}",
        mapping={"off": "0", "on": "1", "once": "2"},
        get_parser=lambda reply: f"{round(_number(reply))}",
        relevant_when={"function": _MEASURING},
        depends_on=("function",),
        doc='Whether readings of the present function wait for settling; "once": the first of several (dmm.autodelay).',
    )
    averaging_count = parameter(
        int,
        get_cmd="print(dmm.filter.count)",
        set_cmd="dmm.filter.count={}",
        get_parser=lambda reply: round(_number(reply)),
        validator=Ints(1, 100),
        relevant_when={"function": _INTEGRATING},
        depends_on=("function",),
        doc="How many readings of the present function are averaged (dmm.filter.count).",
    )
    averaging = parameter(
        bool,
        get_cmd="print(dmm.filter.enable)",
        set_cmd="dmm.filter.enable={}",
        get_parser=lambda reply: _number(reply) == 1,
        relevant_when={"function": _INTEGRATING},
        depends_on=("function",),
        doc="Whether readings of the present function are averaged (dmm.filter.enable).",
    )
    reading = _reading("", _MEASURING, "One reading, in the unit of the function")
    voltage = _reading("V", _VOLTAGES, "One reading of the voltage")
    current = _reading("A", _CURRENTS, "One reading of the current")
    resistance = _reading("Ω", _RESISTANCES, "One reading of the resistance")
    frequency = _reading("Hz", ("frequency",), "One reading of the frequency")
    period = _reading("s", ("period",), "One reading of the period")

    def __init__(self, parent: Any, name: str) -> None:
        super().__init__(parent, name)
        self.add_function(
            "store_configuration",
            'dmm.configure.set("{}")',
            arguments=(NAME,),
            doc="Keep the present function and its settings under a name, until power goes (dmm.configure.set).",
        )
        self.add_function(
            "configure_channels",
            'dmm.setconfig("{}","{}")',
            arguments=(CHANNELS, NAME),
            doc="Say by which configuration channels of multiplexers are measured: a stored one, or the name of a "
            'function with its settings from the factory, "dcvolts" (dmm.setconfig).',
        )
        self.add_function(
            "connect_channel",
            self._connect,
            arguments=(CHANNELS,),
            doc="Close one channel, or one pattern, so that it can be measured, with the relays to the multimeter, and "
            "open what would interfere; the multimeter takes the configuration of the channel, which must have one "
            "(dmm.close).",
        )
        self.add_function(
            "disconnect_channel",
            'dmm.open("{}")',
            arguments=(CHANNELS,),
            doc="Open what connect_channel closed (dmm.open).",
        )

    def _connect(self, channel: str) -> None:
        self.write(f'dmm.close("{channel}")')
        self.forget()
