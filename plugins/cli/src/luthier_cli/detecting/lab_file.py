"""A ``lab.toml`` of the instruments that were detected."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from luthier_cli.detecting.asking import Detected

__all__ = ["lab_text"]


def lab_text(detected: Iterable[Detected], name: str) -> str:
    """Return the text of a ``lab.toml``: a table for each instrument, those without a driver as comments.

    An instrument that was found at several addresses is there once, at the first; the others are named in a comment.
    """
    lines = ["# Written by luthier detect. Rename the instruments as you like.", "[station]", f"name = {_text(name)}"]
    by_instrument: dict[object, list[Detected]] = {}
    for one in detected:
        serial = one.identity.serial if one.identity else ""
        known = one.identity is not None and serial not in {"", "0"}
        by_instrument.setdefault(one.identity if known else one.address, []).append(one)
    taken: set[str] = set()
    for first, *others in by_instrument.values():
        lines += ["", *_table(first, [one.address for one in others], taken)]
    return "\n".join(lines) + "\n"


def _table(one: Detected, others: list[str], taken: set[str]) -> list[str]:
    usable = [match.entry for match in one.matches]
    remarks = [f"# {_printable(one.reply)}"] if one.reply else []
    remarks += [f"# also at {_printable(address)}" for address in others]
    if not usable:
        what = "no driver" if one.identity else "no answer"
        return [*remarks, f"# {what}: {_printable(one.address)}", f"# {_printable(one.advice or one.trouble)}".rstrip()]
    best = usable[0]
    driver = best.id if best.state in {"available", "loaded"} else best.qualified_id
    remarks += [f"# or {_text(entry.id)}" for entry in usable[1:]]
    name = _free(best.id, taken)
    return [*remarks, f"[instruments.{name}]", f"driver = {_text(driver)}", f"address = {_text(one.address)}"]


def _free(driver: str, taken: set[str]) -> str:
    wanted = re.sub(r"\W", "_", driver, flags=re.ASCII)
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}_{number}"
    taken.add(name)
    return name


def _text(value: str) -> str:
    """Write text as TOML does; JSON's escapes are among its own."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)
