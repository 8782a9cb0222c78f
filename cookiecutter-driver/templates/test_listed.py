{% set commands = cookiecutter._listed.commands -%}
{% set settings = commands | selectattr("settable") | selectattr("gettable") | list -%}
{% set readings = commands | rejectattr("settable") | list -%}
{% set limited = commands | selectattr("settable") | selectattr("kind", "equalto", "float") | rejectattr("maximum", "equalto", "None") | list -%}
"""What the driver sends, and what it makes of the replies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

{% if settings or readings or limited %}import pytest
{% endif -%}
{% if limited %}from luthier.errors import ValidationError
{% endif -%}
from luthier.testing.wire import expected_exchanges

from {{ cookiecutter.package }}.{{ cookiecutter.module }} import {{ cookiecutter.class_name }}

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


def opened(exchanges: Any) -> AbstractContextManager[{{ cookiecutter.class_name }}]:
    return expected_exchanges({{ cookiecutter.class_name }}, exchanges, error_policy="never")


def test_opening_and_closing_send_nothing() -> None:
    with opened([]):
        pass
{%- if settings %}


# parameter, value, what is sent to set it, query, reply: as the manual writes them
SETTINGS: list[tuple[str, object, str, str, str]] = [
{%- for command in settings %}
{%- set quote = "'" if command.kind == "text" else '"' %}
    (
        "{{ command.name }}",
        {{ command.value }},
        {{ quote }}{{ command.message }} {{ command.sent }}{{ quote }},
        "{{ command.message }}?",
        {{ quote }}{{ command.replied }}{{ quote }},
    ),
{%- endfor %}
]


@pytest.mark.parametrize(("path", "value", "command", "query", "reply"), SETTINGS)
def test_a_setting_is_sent_and_read(path: str, value: object, command: str, query: str, reply: str) -> None:
    with opened([(command, None), (query, reply)]) as instrument:
        instrument.set(path, value)
        assert instrument.get(path) == value
{%- endif %}
{%- if readings %}


# parameter, value, query, reply
READINGS: list[tuple[str, object, str, str]] = [
{%- for command in readings %}
{%- set quote = "'" if command.kind == "text" else '"' %}
    (
        "{{ command.name }}",
        {{ command.value }},
        "{{ command.message }}?",
        {{ quote }}{{ command.replied }}{{ quote }},
    ),
{%- endfor %}
]


@pytest.mark.parametrize(("path", "value", "query", "reply"), READINGS)
def test_a_reading_is_asked_for(path: str, value: object, query: str, reply: str) -> None:
    with opened([(query, reply)]) as instrument:
        assert instrument.get(path) == value
{%- endif %}
{%- if limited %}


def test_a_value_beyond_its_range_is_not_sent() -> None:
    with opened([]) as instrument, pytest.raises(ValidationError):
        instrument.{{ limited[0].name }}({{ limited[0].maximum }} + 1)
{%- endif %}
