"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import secrets
import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["new_file", "new_folder"]


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


@contextmanager
def new_folder(path: Path, *, overwrite: bool) -> Iterator[Path]:
    """Give a temporary name beside `path` for a folder to make; it becomes `path` once everything is in it.

    Whatever goes wrong, a folder that was at `path` before is still there as it was, and nothing else is left.

    Raises
    ------
    click.ClickException
        There is something already, and it must not be overwritten, or is no folder; or it cannot be written.
    """
    if not path.parent.is_dir():
        raise click.ClickException(
            f"{path} cannot be written: there is no folder {path.parent}. Make it, or choose one."
        )
    if path.exists() and not (overwrite and path.is_dir()):
        advice = "" if overwrite else ", or add --force to overwrite it"
        raise click.ClickException(f"{path} exists already. It is as it was. Choose another name with -o{advice}.")
    mark = secrets.token_hex(4)
    temporary, replaced = path.with_name(f".{path.name}.{mark}.part"), path.with_name(f".{path.name}.{mark}.old")
    try:
        yield temporary
        if path.exists():
            path.rename(replaced)
        temporary.rename(path)
    except OSError as error:
        if replaced.exists() and not path.exists():
            replaced.rename(path)
        before = "The folder that was there is as it was." if path.exists() else "No folder was left behind."
        raise click.ClickException(f"{path} cannot be written: {error.strerror or error}. {before}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(replaced, ignore_errors=True)
