"""What is in a wheel, without installing it."""

from __future__ import annotations

import ast
import email
import zipfile
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Self

import click
from luthier.plugins.entry_points import declarations
from luthier.plugins.naming import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import Message
    from pathlib import Path
    from types import TracebackType

    from luthier.plugins.entry_points import Declaration

__all__ = ["Wheel"]

_LARGEST = 1 << 28
"""Bytes that a file in a wheel may have when it is unpacked."""


class Wheel:
    """An open wheel; nothing of it is imported.

    Raises
    ------
    click.ClickException
        It cannot be read, or is no wheel.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        try:
            self._archive = zipfile.ZipFile(file)
        except (OSError, zipfile.BadZipFile) as error:
            raise click.ClickException(f"{file} is no wheel: {error}. Nothing was looked at.") from error
        self.names = frozenset(name for name in self._archive.namelist() if not name.endswith("/"))
        infos = {name.partition("/")[0] for name in self.names if name.partition("/")[0].endswith(".dist-info")}
        if len(infos) != 1 or f"{min(infos)}/METADATA" not in self.names:
            self._archive.close()
            raise click.ClickException(f"{file} is no wheel: it has no *.dist-info/METADATA. Nothing was looked at.")
        self._info = infos.pop()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the file."""
        self._archive.close()

    def read(self, name: str) -> bytes:
        """Return a file of it, which has to be there.

        Raises ``ValueError`` where it is damaged or very large.
        """
        if self._archive.getinfo(name).file_size > _LARGEST:
            raise ValueError(f"{name} is larger than {_LARGEST >> 20} MiB")
        try:
            return self._archive.read(name)
        except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
            raise ValueError(f"{name} is damaged: {error}") from error

    def information(self, name: str) -> str:
        """Return a file of its metadata as text; empty where there is none that can be read."""
        path = f"{self._info}/{name}"
        with suppress(ValueError):
            return self.read(path).decode("utf-8", "replace") if path in self.names else ""
        return ""

    @cached_property
    def metadata(self) -> Message:
        """Its metadata."""
        return email.message_from_string(self.information("METADATA"))

    @property
    def distribution(self) -> str:
        """The canonical name of the distribution."""
        return canonical(self.metadata.get("Name", ""))

    @cached_property
    def declared(self) -> tuple[Declaration, ...]:
        """What it declares in groups of Luthier's."""
        return tuple(declarations(self.information("entry_points.txt")))

    @cached_property
    def packages(self) -> tuple[str, ...]:
        """The top-level packages and modules."""
        tops = {name.partition("/")[0] for name in self.names}
        return tuple(sorted(top.removesuffix(".py") for top in tops if not top.endswith((".dist-info", ".data"))))

    @cached_property
    def sources(self) -> Mapping[str, ast.Module | str]:
        """The modules in Python by the names of their files, parsed; or what is wrong with one."""
        return {name: self._parsed(name) for name in sorted(self.names) if name.endswith(".py")}

    def module_file(self, module: str) -> str:
        """Return the file of a module by its dotted name; empty where it is not in the wheel."""
        path = module.replace(".", "/")
        for name in (f"{path}.py", f"{path}/__init__.py"):
            if name in self.names:
                return name
        compiled = [name for name in self.names if name.startswith(f"{path}.") and name.endswith((".so", ".pyd"))]
        return min(compiled, default="")

    def _parsed(self, name: str) -> ast.Module | str:
        try:
            return ast.parse(self.read(name), name)
        except (ValueError, SyntaxError) as error:
            return str(error)
