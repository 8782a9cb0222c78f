{% set scpi = cookiecutter.flavour == "scpi" -%}
{% set kind = "ScpiInstrument" if scpi else "Instrument" -%}
{% set level = "SOUR:VOLT" if scpi else "LEVEL" -%}
{% set limit = "SOUR:CURR:LIM" if scpi else "LIMIT" -%}
{% set output = "OUTP" if scpi else "OUT" -%}
{% set current = "MEAS:CURR" if scpi else "CURRENT" -%}
{% set temperature = "MEAS:TEMP" if scpi else "TEMP" -%}
{% set averages = "SENS:AVER:COUN" if scpi else "AVG" -%}
{% set speed = "SENS:SPE" if scpi else "SPEED" -%}
{% set slow, fast = ("SLOW", "FAST") if scpi else ("0", "1") -%}
"""The {{ cookiecutter.maker_text }} {{ cookiecutter.model_text }}.

The commands are those of an imaginary instrument, which its simulator understands: put yours in their place, one
parameter at a time, in both. Say here which manual you follow: its title, number and edition.
"""

from __future__ import annotations

from typing import Any

from luthier import Channel, {% if not scpi %}Instrument, parameter{% else %}ScpiInstrument, parameter{% endif %}
from luthier.validators import Ints, Numbers

__all__ = ["{{ cookiecutter.class_name }}", "Output"]


class Output(Channel):
    """The output; a snapshot is restored in the order of declaration: the limit before the level, ``on`` last."""

    current_limit = parameter(
        float,
        get_cmd="{{ limit }}?",
        set_cmd="{{ limit }} {}",
        unit="A",
        validator=Numbers(0.001, 0.1),
        doc="The output gives no more than this (cite the page of the manual).",
    )
    voltage = parameter(
        float,
        get_cmd="{{ level }}?",
        set_cmd="{{ level }} {}",
        unit="V",
        validator=Numbers(-10.0, 10.0),
        doc="Level, which is at the terminals while the output is on.",
    )
    on = parameter(
        bool,
        get_cmd="{{ output }}?",
        set_cmd="{{ output }} {}",
        doc="Whether the level is at the terminals.",
    )


class {{ cookiecutter.class_name }}({{ kind }}):
    """The {{ cookiecutter.maker_text }} {{ cookiecutter.model_text }}.

    Opening it changes nothing. It has one output, ``output``, which :meth:`make_safe` switches off.
{% if cookiecutter.interface == "visa" %}
    Interfaces: GPIB, USB and LAN; replies end with a line feed.
{% elif cookiecutter.interface == "tcp" %}
    Interface: a TCP socket, ``TCPIP::192.0.2.7::5025::SOCKET``; replies end with a line feed.
{% elif cookiecutter.interface == "serial" %}
    Interface: a serial line, ``ASRL1::INSTR``, with 9600 baud unless ``transport_options={"baud_rate": 19200}`` says
    otherwise; messages and replies end with a carriage return and a line feed.
{% else %}
    Interface: the maker's library; see the module ``library``. The device with the serial number 0042 is at
    ``{{ cookiecutter.scheme }}://0042``.
{% endif %}
    Verified with the simulator; not yet with hardware.

    >>> import luthier
    >>> with luthier.open("{{ cookiecutter.driver_id }}", "sim://", name="source") as source:
    ...     source.output.voltage(1.5)
    ...     source.output.on(True)
    ...     source.current()
    0.0015
    """

    simulator = "{{ cookiecutter.driver_id }}"
{%- if cookiecutter.interface == "serial" %}
    write_termination = "\r\n"
    read_termination = "\r\n"
{%- endif %}

    averages = parameter(
        int,
        get_cmd="{{ averages }}?",
        set_cmd="{{ averages }} {}",
        validator=Ints(1, 100),
        doc="How many measurements each reading is the mean of.",
    )
    speed = parameter(
        str,
        get_cmd="{{ speed }}?",
        set_cmd="{{ speed }} {}",
        mapping={"slow": "{{ slow }}", "fast": "{{ fast }}"},
        doc="Slow readings have less noise.",
    )
    current = parameter(
        float,
        get_cmd="{{ current }}?",
        unit="A",
        doc="What flows out of the output.",
    )
    temperature = parameter(
        float,
        get_cmd="{{ temperature }}?",
        unit="K",
        doc="Of the case.",
    )

    @parameter(unit="W", doc="What the output gives to the load; two readings.")
    def power(self) -> float:
        """Return the product of level and current."""
        return self.output.voltage.get() * self.current.get() if self.output.on.get() else 0.0

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.output = Output(self, "output")

    def make_safe(self) -> None:
        """Switch the output off."""
        self.output.on.set(False)
