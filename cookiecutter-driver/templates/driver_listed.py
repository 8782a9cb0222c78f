{% set commands = cookiecutter._listed.commands -%}
{% set numbers = commands | selectattr("kind", "equalto", "float") | selectattr("settable") | list -%}
{% set whole = commands | selectattr("kind", "equalto", "int") | selectattr("settable") | list -%}
{% set texts = commands | selectattr("kind", "equalto", "text") | list -%}
{% set settable_texts = texts | selectattr("settable") | list -%}
{% set validators = (["Ints"] if whole else []) + (["Numbers"] if numbers else []) + (["Strings"] if settable_texts else []) -%}
"""The {{ cookiecutter.maker_text }} {{ cookiecutter.model_text }}.

Begun from a list of commands. Say here which manual you follow: its title, number and edition.
"""

from __future__ import annotations

from luthier import ScpiInstrument, parameter
{%- if texts %}
from luthier.scpi import {{ "format_string, " if settable_texts }}parse_string
{%- endif %}
{%- if validators %}
from luthier.validators import {{ validators | join(", ") }}
{%- endif %}

__all__ = ["{{ cookiecutter.class_name }}"]


class {{ cookiecutter.class_name }}(ScpiInstrument):
    """The {{ cookiecutter.maker_text }} {{ cookiecutter.model_text }}.

    Opening it changes nothing. Verified with the simulator; not yet with hardware.

    >>> import luthier
    >>> with luthier.open("{{ cookiecutter.driver_id }}", "sim://", name="instrument") as instrument:
    ...     instrument.idn.serial
    '0042'
    """

    simulator = "{{ cookiecutter.driver_id }}"
{%- if cookiecutter.interface == "serial" %}
    write_termination = "\r\n"
    read_termination = "\r\n"
{%- endif %}
{% for command in commands %}
    {{ command.name }} = parameter(
        {{ command.type }},
{%- if command.gettable %}
        get_cmd="{{ command.message }}?",
{%- endif %}
{%- if command.settable %}
        set_cmd="{{ command.message }} {}",
{%- endif %}
{%- if command.kind == "text" %}
{%- if command.gettable %}
        get_parser=parse_string,
{%- endif %}
{%- if command.settable %}
        set_parser=format_string,
        validator=Strings(pattern="[ -~]*"),
{%- endif %}
{%- endif %}
{%- if command.states_unit %}
        unit="{{ command.unit }}",
{%- endif %}
{%- if command.settable and command.kind in ("float", "int") %}
        validator={{ "Ints" if command.kind == "int" else "Numbers" }}({% if command.minimum != "None" or command.maximum != "None" %}{{ command.minimum }}, {{ command.maximum }}{% endif %}),
{%- endif %}
{%- if command.choices %}
        mapping={
{%- for name, message in command.choices %}
            "{{ name }}": "{{ message }}",
{%- endfor %}
        },
{%- endif %}
        doc="{{ command.doc_lines | join('"\n        "') }}",
    )
{%- endfor %}
{%- for command in commands if command.switches_output %}
{%- if loop.first %}

    def make_safe(self) -> None:
        """Switch off what puts out anything."""
{%- endif %}
        self.{{ command.name }}.set(False)
{%- endfor %}
