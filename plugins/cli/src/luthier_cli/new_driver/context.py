"""What the template is filled in with."""

from __future__ import annotations

import datetime as dt
import re
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from luthier_cli.new_driver.free_text import ascii_of, in_docstring, in_markdown, literal

if TYPE_CHECKING:
    from luthier.scpi import Identity

    from luthier_cli.new_driver.answers import Answers
    from luthier_cli.new_driver.names import Names
    from luthier_cli.new_driver.scpi_commands import ScpiCommand

__all__ = ["template_context"]

_WORDS: Final = {
    "visa": ("gpib", "usb", "vxi-11", "hislip", "socket"),
    "tcp": ("socket",),
    "serial": ("serial",),
    "sdk": ("library",),
}
_ADDRESSES: Final = {
    "visa": '"GPIB0::24::INSTR"',
    "tcp": '"TCPIP::192.0.2.7::5025::SOCKET"',
    "serial": '"ASRL1::INSTR"',
}


def template_context(
    names: Names, answers: Answers, commands: tuple[ScpiCommand, ...] = (), identity: Identity | None = None
) -> dict[str, Any]:
    """Return the variables of the template, plain data.

    `identity` is what the instrument was recorded to say of itself. ``…_literal`` are strings for TOML and Python, with
    their quotes; ``…_text`` stand in docstrings and comments, ``…_markdown`` in pages.
    """
    maker, model, options = answers.maker, answers.model, answers.options
    title = options.get("title", model)
    scpi = bool(commands) or answers.interface in {"visa", "tcp"}
    return {
        "maker": maker,
        "model": model,
        "interface": answers.interface,
        "author": answers.author,
        "licence": answers.licence,
        "year": options.get("year", str(dt.datetime.now(tz=dt.UTC).year)),
        "title": title,
        "namespace": names.namespace,
        "word": names.word,
        "distribution": names.distribution,
        "package": names.package,
        "driver_id": names.driver_id,
        "module": names.module,
        "class_name": names.class_name,
        "scheme": names.scheme,
        "library": options.get("library", f"{names.namespace.replace('-', '_')}_sdk".lstrip("0123456789_")),
        "library_file": "library.py" if answers.interface == "sdk" else "",
        "library_test_file": "test_library.py" if answers.interface == "sdk" else "",
        "flavour": "scpi" if scpi else "lines",
        "content": "listed" if commands else "example",
        "interface_words": ", ".join(f'"{word}"' for word in _WORDS[answers.interface]),
        "capability_words": ", ".join(f'"{word}"' for word in _capabilities(commands, scpi=scpi)),
        "example_address": _ADDRESSES.get(answers.interface, f'"{names.scheme}://0042"'),
        "identity_vendor": _recorded(identity.vendor if identity else "") or _identity(maker, names.namespace),
        "identity_model": _recorded(identity.model if identity else "") or _identity(model, names.driver),
        "luthier_bounds": _bounds(version("luthier-core")),
        "maker_literal": literal(maker),
        "model_literal": literal(model),
        "title_literal": literal(title),
        "author_literal": literal(answers.author),
        "email_literal": literal(options.get("email", "")),
        "homepage_literal": literal(options.get("homepage", "")),
        "description_literal": literal(f"A Luthier driver for the {maker} {model}."),
        "summary_literal": literal(f"A {model} that answers its commands." if commands else f"A {model} with a load."),
        "maker_text": in_docstring(maker),
        "model_text": in_docstring(model),
        "maker_markdown": in_markdown(maker),
        "model_markdown": in_markdown(model),
        "_listed": {"commands": [command.as_plain() for command in commands]},
    }


def _capabilities(commands: tuple[ScpiCommand, ...], *, scpi: bool) -> list[str]:
    found = ["identity", *(["reset", "error-queue", "status"] if scpi else [])]
    if not commands:
        return ["source", "measure", *found, "channels"]
    sources = any(command.switches_output for command in commands)
    measures = any(not command.settable for command in commands)
    return [*(["source"] if sources else []), *(["measure"] if measures else []), *found]


def _identity(text: str, name: str) -> str:
    """Return a field of a reply to ``*IDN?``, without what means something in patterns and in replies."""
    found = "".join(character for character in ascii_of(text).upper() if character.isalnum() or character in " -./")
    longest = 30
    return " ".join(found.split())[:longest].strip(" -./") or name.upper()


def _recorded(text: str) -> str:
    """Return the beginning of a field as it was recorded, as far as it means nothing in patterns and in strings."""
    found = re.match(r"[\w .&+()/#:-]{1,30}", text, re.ASCII)
    return found[0].rstrip() if found else ""


def _bounds(core: str) -> str:
    major, minor, *_ = core.split(".")
    following = f"0.{int(minor) + 1}" if major == "0" else str(int(major) + 1)
    return f">={major}.{minor},<{following}"
