"""Changing what the user's file switches off, and nothing else in it."""

from __future__ import annotations

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click
from luthier.plugins.naming import canonical
from luthier.plugins.user_settings import parse_settings, settings_file

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["change_disabled"]

_HEADER = re.compile(r"^[ \t]*\[[ \t]*plugins[ \t]*\][^\n]*\n?", re.MULTILINE)
_LIST = re.compile(r"^[ \t]*disable[ \t]*=[ \t]*\[[^\]]*\]", re.MULTILINE)


def change_disabled(*, add: Sequence[str] = (), remove: Sequence[str] = ()) -> tuple[Path, tuple[str, ...]]:
    """Add names to the list, or take them off it; return the file, and the names that were added or taken off.

    Comments and everything else in the file stay. The file is replaced at once, so that nobody reads half of it.

    Raises :class:`click.ClickException` if the file is wrong as it is, or cannot be changed or written; it is as it was
    then.
    """
    file = Path(settings_file())
    if str(file) == os.devnull:
        raise click.ClickException("LUTHIER_CONFIG names no file to write to. Nothing was changed.")
    before = _text(file)
    settings = parse_settings(before.encode(), str(file))
    if settings.fault:
        raise click.ClickException(f"{settings.fault} Mend it first; it is as it was.")
    kept = {key: name for key, name in settings.disable.items() if key not in set(map(canonical, remove))}
    taken = tuple(name for key, name in settings.disable.items() if key not in kept)
    new = {canonical(name): name for name in add if canonical(name) not in kept}
    if new or taken:
        _write(file, _with_list(before, [*kept.values(), *new.values()], file))
    return file, (*new.values(), *taken)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file} cannot be read: {error}. Nothing was changed.") from error


def _with_list(text: str, names: Sequence[str], file: Path) -> str:
    quoted = ", ".join(f'"{name}"' for name in names)
    line = f"disable = [{quoted}]"
    header = _HEADER.search(text)
    if _LIST.search(text):
        changed = _LIST.sub(lambda _: line, text, count=1)
    elif header:
        changed = f"{text[: header.end()].rstrip()}\n{line}\n{text[header.end() :]}"
    else:
        changed = f"{text.rstrip()}\n\n[plugins]\n{line}\n".lstrip()
    # What another way of writing it made of this is looked at before it is written.
    before, after = parse_settings(text.encode(), str(file)), parse_settings(changed.encode(), str(file))
    if after.fault or set(after.disable.values()) != set(names) or after.prefer != before.prefer:
        raise click.ClickException(
            f"{file} is written in a way that this command cannot change. It is as it was. "
            f"Write {line} under [plugins] in it."
        )
    return changed


def _write(file: Path, text: str) -> None:
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(file)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}. Nothing was changed.") from error
    finally:
        with suppress(OSError):
            temporary.unlink()
