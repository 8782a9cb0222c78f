"""pyvisa-sim definitions: where their file is, and what is wrong with it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from luthier.errors import ConfigurationError

from luthier_sim.definition_schema import check_definitions

if TYPE_CHECKING:
    from luthier.simulation import PyvisaSimDefinition

__all__ = ["check_file", "definition_path", "unusable"]


def definition_path(definition: PyvisaSimDefinition) -> Path:
    """Return the file of `definition`; its package is looked up, not imported.

    Raises
    ------
    ConfigurationError
        The package is not installed, or has no such file.
    """
    spec = find_spec(definition.package)
    folders = [] if spec is None else list(spec.submodule_search_locations or ())
    for folder in folders:
        path = Path(folder, definition.file).resolve()
        if path.is_file():
            return path
    where = f"the package {definition.package!r}"
    what = f"{where} has no file {definition.file!r}" if folders else f"{where}, which has the file, is not installed"
    raise ConfigurationError(
        what,
        who=definition.file,
        state="Nothing was opened.",
        advice="Install its distribution anew; if it is your own, see that its wheel holds the file.",
        file=definition.file,
        line=None,
    )


def check_file(path: Path, *, strict: bool) -> None:
    """Check the definitions in the file `path`; `strict`: a key that is not known is an error, otherwise warned of.

    Raises
    ------
    ConfigurationError
        The file cannot be read, or what is in it is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise _unreadable(path, "there is no such file") from error
    except UnicodeDecodeError as error:
        raise _unreadable(
            path, f"it is not UTF-8 text (byte {error.start} is {error.object[error.start]:#04x})"
        ) from error
    except OSError as error:
        raise _unreadable(path, f"it cannot be read: {error.strerror}") from error
    check_definitions(text, str(path), strict=strict)


def unusable(path: Path, error: Exception, part: str = "") -> ConfigurationError:
    """Return the error for a file of which pyvisa-sim refuses a `part`, or all; `error` is what it raised."""
    # It wraps errors with whole tracebacks in their texts; the innermost one says what is wrong, the others where.
    chain: list[BaseException] = [error]
    while (inner := chain[-1].__cause__ or chain[-1].__context__) is not None:
        chain.append(inner)
    places = [line for outer in chain[:-1] if (line := _first_line(outer)).startswith("In device")]
    said = [line for line in (part, *places[-1:], _first_line(chain[-1])) if line]
    what = f"pyvisa-sim cannot use it: {': '.join(said)}"
    return ConfigurationError(what, who=str(path), state="Nothing was opened.", file=str(path), line=None)


def _first_line(error: BaseException) -> str:
    if isinstance(error, KeyError):
        return f"{error.args[0]!r} is not defined"
    return str(error).partition("\n")[0]


def _unreadable(path: Path, what: str) -> ConfigurationError:
    return ConfigurationError(what, who=str(path), state="Nothing was opened.", file=str(path), line=None)
