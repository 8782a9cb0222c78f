"""From a ``luthier.toml`` to what it says: strictly, so that a mistake is found by its author and not by a user."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from luthier.errors import ManifestError
from luthier.plugins.kinds import KINDS
from luthier.plugins.naming import id_key
from luthier.toml import quick

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier.plugins.manifests.description import Manifest
    from luthier.plugins.manifests.shapes import Mistake
    from luthier.toml.positions import KeyPath

__all__ = ["LARGEST", "checked", "parsed", "read_manifest"]

LARGEST = 256 * 1024
"""Bytes that a manifest may have."""

_LINE = re.compile(r"\bline (\d+)")
_PLACE = re.compile(r" \(at (?:line \d+, column \d+|end of document)\)$")


def read_manifest(content: bytes, *, distribution: str, file: str) -> Manifest:
    """Read the bytes of a ``luthier.toml``.

    Parameters
    ----------
    content
        What is in the file; it is refused where it has more than :data:`LARGEST` bytes.
    distribution, file
        Whose it is, and where it is, for messages.

    Raises
    ------
    ManifestError
        It is too large, not in UTF-8, no TOML, or has keys or values that are not allowed: all of them are in the
        message, each with its line.
    """
    text = _decoded(content, distribution, file)
    return checked(parsed(text, distribution, file), text, distribution, file)


def parsed(content: bytes | str, distribution: str, file: str) -> Mapping[str, Any]:
    """Parse a ``luthier.toml``, without a look at what is in it. Raises :class:`~luthier.errors.ManifestError`."""
    text = _decoded(content, distribution, file) if isinstance(content, bytes) else content
    try:
        return quick.loads(text)
    except ValueError as error:  # tomllib's errors are of this class
        found = _LINE.search(str(error))
        line = int(found[1]) if found else text.rstrip("\n").count("\n") + 1
        what = _PLACE.sub("", str(error))
        raise _refusal(distribution, file, ((line, f"this is not TOML: {what}", ""),)) from error
    except RecursionError as error:
        raise _refusal(distribution, file, ((1, "its values are nested too deeply", ""),)) from error


def checked(data: Mapping[str, Any], text: str, distribution: str, file: str) -> Manifest:
    """Return what a parsed manifest says. Raises :class:`~luthier.errors.ManifestError` with all its mistakes."""
    from luthier.plugins.manifests import description  # noqa: PLC0415 - a listing reads without checking
    from luthier.plugins.manifests.layout import MANIFEST  # noqa: PLC0415 - the same

    found: list[Mistake] = []
    MANIFEST.check(data, (), found)
    if found:
        from luthier.toml.positions import line_finder  # noqa: PLC0415 - only mistakes need it

        line_of = line_finder(text)
        mistakes = sorted((line_of(one.path), _named(one.path, one.what), one.advice) for one in found)
        raise _refusal(distribution, file, tuple(mistakes))
    return description.Manifest(
        distribution=distribution,
        file=file,
        api=tuple(data["api"]),
        docs=data.get("docs", ""),
        drivers={
            id_key(name): description.DriverDescription.from_table(name, table)
            for name, table in data.get("drivers", {}).items()
        },
        notes={
            (kind, id_key(name)): description.PluginNote(table["summary"], table.get("docs", ""))
            for kind in KINDS
            if kind != "drivers"
            for name, table in data.get(kind, {}).items()
        },
        needs=dict(data.get("needs", {})),
        redirects={id_key(old): new for old, new in data.get("redirects", {}).items()},
        tombstones={id_key(old): why for old, why in data.get("tombstones", {}).items()},
    )


def _decoded(content: bytes, distribution: str, file: str) -> str:
    if len(content) > LARGEST:
        size = f"it has more than {LARGEST // 1024} KiB, which no description of plugins needs"
        raise _refusal(distribution, file, ((None, size, ""),))
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        what = f"there is a character that is not in UTF-8: the byte 0x{content[error.start]:02X}"
        raise _refusal(distribution, file, ((line, what, "Save it as UTF-8."),)) from error


def _named(path: KeyPath, what: str) -> str:
    """Say where in the file it is, as well as on which line."""
    way = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
    return f"{way}: {what}" if way else what


def _refusal(distribution: str, file: str, mistakes: tuple[tuple[int | None, str, str], ...]) -> ManifestError:
    lines = tuple(
        " ".join(part for part in (f"line {line}: {what}." if line else f"{what}.", advice) if part)
        for line, what, advice in mistakes
    )
    first = mistakes[0]
    more = f" (and {len(mistakes) - 1} more)" if len(mistakes) > 1 else ""
    where = f"{file}:{first[0]}" if first[0] else file
    return ManifestError(
        f"the manifest of {distribution} is wrong: {first[1]}{more}",
        who=where,
        state="Its plugins work as far as they do without it.",
        advice=first[2],
        kind="",
        name=distribution,
        distribution=distribution,
        file=file,
        line=first[0],
        mistakes=lines,
    )
