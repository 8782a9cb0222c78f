"""Files that appear whole or not at all."""

from __future__ import annotations

import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["new_file"]


@contextmanager
def new_file(path: Path, *, overwrite: bool) -> Iterator[Path]:
    """Give a temporary name beside `path` to write to; it becomes `path` once everything is written.

    Whatever goes wrong, a file that was at `path` before is still there as it was, and nothing else is left.

    Raises
    ------
    click.ClickException
        There is a file already, and it must not be overwritten; or it cannot be written.
    """
    if path.is_dir():
        raise click.ClickException(f"{path} is a folder. Nothing was written. Give the name of a file in it.")
    if not path.parent.is_dir():
        raise click.ClickException(
            f"{path} cannot be written: there is no folder {path.parent}. Make it, or choose one."
        )
    if path.exists() and not overwrite:
        raise click.ClickException(
            f"{path} exists already. It is as it was. Choose another name with -o, or add --force to overwrite it."
        )
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield temporary
        temporary.replace(path)
    except OSError as error:
        before = "The file that was there is as it was." if path.exists() else "No file was left behind."
        raise click.ClickException(f"{path} cannot be written: {error.strerror or error}. {before}") from error
    finally:
        with suppress(OSError):
            temporary.unlink()
