"""Presets: named sets of values, kept as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from luthier.errors import ConfigurationError, UsageError
from luthier.parameter.messages import unknown_name
from luthier.plain import is_complete, to_plain

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping

__all__ = ["PresetTable"]


class PresetTable:
    """Sets of values by name, as plain data; in a file too, where one is given.

    The file is written anew, as a whole, at each change: a crash leaves the old or the new one.
    """

    def __init__(self, owner: str, file: str | os.PathLike[str] | None) -> None:
        self._owner = owner
        self._file = None if file is None else Path(file)
        self._presets: dict[str, dict[str, Any]] = {} if self._file is None else _read(self._file, owner)

    def keep(self, name: str, values: Mapping[str, Any]) -> None:
        """Keep ``values`` under ``name``, in place of what was there."""
        if not name.strip():
            raise UsageError(f"cannot name a preset {name!r}: allowed is text", who=self._owner)
        plain = {path: to_plain(value) for path, value in values.items()}
        lost = [path for path, data in plain.items() if not is_complete(data)]
        if lost:
            raise UsageError(
                f"cannot keep the preset {name!r}: JSON cannot hold the values of {', '.join(lost)}",
                who=self._owner,
                state="The presets are as before.",
            )
        self._write({**self._presets, name: plain})

    def forget(self, name: str) -> None:
        """Forget the preset of that name."""
        self.get(name)
        self._write({other: values for other, values in self._presets.items() if other != name})

    def get(self, name: str) -> dict[str, Any]:
        """Return the plain values of a preset; :class:`~luthier.errors.UnknownNameError` where there is none."""
        if name not in self._presets:
            raise unknown_name("preset", name, self._presets, who=self._owner)
        return dict(self._presets[name])

    def __iter__(self) -> Iterator[str]:
        """Yield the names, in the order in which they were first kept."""
        return iter(tuple(self._presets))

    def _write(self, presets: dict[str, dict[str, Any]]) -> None:
        if self._file is not None:
            text = json.dumps(presets, indent=2, ensure_ascii=False, allow_nan=False)
            new = self._file.with_name(f"{self._file.name}.new")
            new.write_text(f"{text}\n", encoding="utf-8")
            new.replace(self._file)
        self._presets = presets


def _read(file: Path, owner: str) -> dict[str, dict[str, Any]]:
    if not file.exists():
        return {}
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise _mistake(file, owner, f"is not JSON: {error}", getattr(error, "lineno", None)) from error
    if not isinstance(found, dict) or not all(isinstance(values, dict) for values in found.values()):
        raise _mistake(file, owner, "is not a dictionary of presets, each a dictionary of values", None)
    return found


def _mistake(file: Path, owner: str, what: str, line: int | None) -> ConfigurationError:
    return ConfigurationError(
        f"the file of presets {file} {what}",
        who=owner,
        state="Nothing was opened; the file is as it was.",
        advice="Correct it, or move it away.",
        file=str(file),
        line=line,
    )
