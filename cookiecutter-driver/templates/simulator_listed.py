{% set commands = cookiecutter._listed.commands -%}
{% set asked = commands | rejectattr("settable") | list -%}
"""A simulated {{ cookiecutter.model_text }}, which the driver meets at ``sim://``.

Begun from a list of commands.
"""

from __future__ import annotations

from luthier_sim import ScpiDevice{{ ", query" if asked }}{{ ", setting" if asked | length < commands | length }}

__all__ = ["Simulated{{ cookiecutter.class_name }}"]


class Simulated{{ cookiecutter.class_name }}(ScpiDevice):
    """A {{ cookiecutter.model_text }} that keeps its settings, and reads nothing yet.

    Errors, status and common commands are those of the standards.
    """

    identity = "{{ cookiecutter.identity_vendor }},{{ cookiecutter.identity_model }},0042,1.0"
{%- if cookiecutter.interface == "serial" %}
    terminator = b"\r\n"
{%- endif %}
{% for command in commands if command.settable %}
    {{ command.name }}_value = setting(
        "{{ command.header }}",
        {{ command.initial }},
{%- if command.minimum != "None" %}
        minimum={{ command.minimum }},
{%- endif %}
{%- if command.maximum != "None" %}
        maximum={{ command.maximum }},
{%- endif %}
{%- if command.choices %}
        choices=(
{%- for choice in command.long_choices %}
            "{{ choice }}",
{%- endfor %}
        ),
{%- endif %}
    )
{%- endfor %}
{%- for command in asked %}

    @query("{{ command.header }}?")
    def {{ command.name }}_value(self) -> {{ command.type }}:
        """Return what it would measure; put that in place of the value."""
        return {{ command.initial }}
{%- endfor %}
