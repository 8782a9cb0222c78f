{% set scpi = cookiecutter.flavour == "scpi" -%}
{% set level = "SOUR:VOLT" if scpi else "LEVEL" -%}
{% set limit = "SOUR:CURR:LIM" if scpi else "LIMIT" -%}
{% set output = "OUTP" if scpi else "OUT" -%}
{% set current = "MEAS:CURR" if scpi else "CURRENT" -%}
{% set temperature = "MEAS:TEMP" if scpi else "TEMP" -%}
{% set averages = "SENS:AVER:COUN" if scpi else "AVG" -%}
{% set speed = "SENS:SPE" if scpi else "SPEED" -%}
{% set slow, fast = ("SLOW", "FAST") if scpi else ("0", "1") -%}
"""What the driver sends, and what it makes of the replies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import {% if scpi %}InstrumentReportedError, {% endif %}ValidationError
from luthier.testing.wire import expected_exchanges
from luthier_sim import device_at

from {{ cookiecutter.package }}.{{ cookiecutter.module }} import {{ cookiecutter.class_name }}

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

# parameter, value, what is sent to set it, query, reply: as the manual writes them
SETTINGS = [
    ("averages", 16, "{{ averages }} 16", "{{ averages }}?", "16"),
    ("speed", "fast", "{{ speed }} {{ fast }}", "{{ speed }}?", "{{ fast }}"),
    ("output.current_limit", 0.05, "{{ limit }} 0.05", "{{ limit }}?", "+5.000E-02"),
    ("output.voltage", -1.5, "{{ level }} -1.5", "{{ level }}?", "-1.500E+00"),
    ("output.on", True, "{{ output }} 1", "{{ output }}?", "1"),
]
READINGS = [
    ("current", 0.0015, "{{ current }}?", "+1.500E-03"),
    ("temperature", 300.12, "{{ temperature }}?", "300.12"),
]


def opened(exchanges: Any, **options: object) -> AbstractContextManager[{{ cookiecutter.class_name }}]:
{%- if scpi %}
    options = {"error_policy": "never", **options}
{%- endif %}
    return expected_exchanges({{ cookiecutter.class_name }}, exchanges, name="source", **options)


@pytest.mark.parametrize(("path", "value", "command", "query", "reply"), SETTINGS)
def test_a_setting_is_sent_and_read(path: str, value: object, command: str, query: str, reply: str) -> None:
    with opened([(command, None), (query, reply)]) as source:
        source.set(path, value)
        assert source.get(path) == value


@pytest.mark.parametrize(("path", "value", "query", "reply"), READINGS)
def test_a_reading_is_asked_for(path: str, value: object, query: str, reply: str) -> None:
    with opened([(query, reply)]) as source:
        assert source.get(path) == value


def test_opening_and_closing_send_nothing() -> None:
    with opened([]):
        pass


def test_a_level_beyond_the_range_is_not_sent() -> None:
    with opened([]) as source, pytest.raises(ValidationError, match="allowed: -10 V to 10 V"):
        source.output.voltage(11)

{% if scpi %}
def test_what_the_instrument_refuses_is_raised() -> None:
    exchanges = [
        ("{{ output }} 1", None),
        ("SYST:ERR?", '-221,"Settings conflict"'),
        ("SYST:ERR?", '0,"No error"'),
    ]
    refused = pytest.raises(InstrumentReportedError, match="Settings conflict")
    with opened(exchanges, error_policy="after-set") as source, refused:
        source.output.on(True)

{% endif %}
def test_the_current_is_that_of_the_load() -> None:
    with luthier.open({{ cookiecutter.class_name }}, "sim://", name="source") as source:
        device: Any = device_at(source.address or "")
        device.load = 50.0
        source.output.voltage(1.0)
        source.output.on(True)
        assert source.current() == 0.02
        assert source.power() == 0.02
        source.make_safe()
        assert source.current() == 0.0
