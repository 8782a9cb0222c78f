"""Message templates: ``"SOUR{number}:VOLT {}"``."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING

from luthier.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["check_template", "compile_query", "compile_template"]

_FORMATTER = Formatter()


def check_template(template: str, *, option: str, members: tuple[str, ...] = ()) -> None:
    """Refuse a template that would lose digits or cannot be filled in; ``members`` are those of a group."""
    try:
        fields = [(field, spec, conversion) for _, field, spec, conversion in _FORMATTER.parse(template)]
    except ValueError as error:
        raise DeclarationError(f"{option}={template!r} is not a message template: {error}") from error
    for field, spec, conversion in fields:
        if spec or conversion:
            raise DeclarationError(
                f"{option}={template!r} formats the value itself, which can lose digits",
                advice="Write {} and, where the instrument cannot take every digit, resolution=… or set_parser=….",
            )
        if field and not all(part.isidentifier() for part in field.split(".")):
            raise DeclarationError(f"{option}={template!r}: allowed in braces are nothing, or an attribute's name")
    names = [field for field, _, _ in fields]
    if members and option == "set_cmd":
        missing = [member for member in members if member not in names]
        if missing or "" in names:
            raise DeclarationError(f"set_cmd={template!r} of a group has to name each member once; missing: {missing}")
        return
    count = names.count("")
    if option == "get_cmd" and count:
        raise DeclarationError(f"get_cmd={template!r} has a place for a value, but reading has none to send")
    if option == "set_cmd" and count > 1:
        raise DeclarationError(f"set_cmd={template!r} has {count} places for the value; allowed is one")


def compile_query(template: str, attribute: Callable[[str], object]) -> str:
    """Fill in the attributes of a template that takes no value; ``attribute`` looks up ``a`` and ``a.b``."""
    prefix, _, suffix = _split(template, attribute)
    return prefix + suffix


def compile_template(template: str, attribute: Callable[[str], object]) -> tuple[str, str] | str:
    """Return what comes before and after the value, or the whole message where the template takes none."""
    prefix, takes_value, suffix = _split(template, attribute)
    return (prefix, suffix) if takes_value else prefix


def _split(template: str, attribute: Callable[[str], object]) -> tuple[str, bool, str]:
    parts = ["", ""]
    side = 0
    for text, field, _, _ in _FORMATTER.parse(template):
        parts[side] += text
        if field == "":
            side = 1
        elif field is not None:
            parts[side] += str(attribute(field))
    return parts[0], side == 1, parts[1]
