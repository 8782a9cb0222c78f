"""Opening an instrument by driver id, class, or where its class is written."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TypeGuard, TypeVar, overload

from luthier import plugins
from luthier.errors import UsageError
from luthier.instrument.instrument import Instrument
from luthier.instrument.living import instruments
from luthier.parameter.messages import unknown_name

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

__all__ = ["driver_class", "open_instrument"]

I = TypeVar("I", bound=Instrument)  # noqa: E741 - for instrument

_from_files: dict[Path, tuple[tuple[int, int], ModuleType]] = {}
"""The modules that are files, with the time and the size that each file had when it was loaded."""


@overload
def open_instrument(driver: type[I], address: str | None = None, *, name: str = "", **options: Any) -> I: ...


@overload
def open_instrument(driver: str, address: str | None = None, *, name: str = "", **options: Any) -> Any: ...


def open_instrument(driver: Any, address: str | None = None, *, name: str = "", **options: Any) -> Any:
    """Open an instrument.

    Parameters
    ----------
    driver
        The id of an installed driver (``"keithley.2400"``), an :class:`~luthier.Instrument` class, ``"module:Class"``,
        or ``"./file.py:Class"``.
    address
        Where it is: a VISA resource name or alias, ``"sim://"`` for the driver's simulator, or ``None`` for an
        instrument without a connection.
    name
        Its name; by default made from the driver's (``keithley_2400``, with ``_2`` where that is taken by another class
        or address: the same again is a cell that was run again, and closes the old one).
    options
        Further arguments of the driver.

    Raises
    ------
    UnknownPluginError
        No installed driver has that id; says which are near, and what to install.
    UsageError
        There is no such module, file or class, or it is no instrument's. What the module itself raises passes through.
    NameClashError, ConnectError
        As for :class:`~luthier.Instrument`.
    """
    found = driver_class(driver)
    where = () if address is None else (address,)  # a driver without a connection may take no address
    return found(name or _free_name(driver, found, address), *where, **options)


def driver_class(driver: str | type[Instrument]) -> type[Instrument]:
    """Return the class that ``driver`` means; see :func:`open_instrument`."""
    if isinstance(driver, str):
        drivers = plugins.registry("drivers")
        if driver.endswith(".py"):
            raise UsageError(
                f"{driver!r} is a file, not a class", state="Nothing was opened.", advice=f"Write {driver}:Class."
            )
        found = _from_place(driver) if ":" in driver and driver not in drivers else drivers.load(driver)
    else:
        found = driver
    if not _is_instrument_class(found):
        stands_for = f"{driver!r} stands for {found!r}, which" if isinstance(driver, str) else repr(driver)
        raise UsageError(f"{stands_for} is no Instrument class", state="Nothing was opened.")
    return found


def _is_instrument_class(found: object) -> TypeGuard[type[Instrument]]:
    return isinstance(found, type) and issubclass(found, Instrument)


def _from_place(place: str) -> object:
    where, _, attribute = place.rpartition(":")
    try:
        module = _module_from_file(where) if where.endswith(".py") else _module_from_name(where)
    except UsageError:
        raise
    except Exception as error:
        error.add_note(f"raised while {where} was imported for {attribute}; nothing was opened")
        raise
    try:
        return getattr(module, attribute)
    except AttributeError:
        raise unknown_name("class", attribute, _instrument_classes(module), who=where) from None


def _instrument_classes(module: ModuleType) -> list[str]:
    return [name for name, thing in vars(module).items() if _is_instrument_class(thing)]


def _module_from_name(name: str) -> ModuleType:
    from importlib import import_module  # noqa: PLC0415 - only for drivers that are not packaged

    if not all(part.isidentifier() for part in name.split(".")):
        raise _no_module(name)
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        raise _no_module(name) from error


def _no_module(name: str) -> UsageError:
    return UsageError(
        f"there is no module {name!r}",
        state="Nothing was opened.",
        advice="For a file write ./file.py:Class; for an installed driver its id, such as keithley.2400.",
    )


def _module_from_file(path: str) -> ModuleType:
    """Return the module that a file is: one for all its classes, and a new one once the file was changed."""
    from importlib.util import module_from_spec, spec_from_file_location  # noqa: PLC0415 - as above
    from pathlib import Path  # noqa: PLC0415 - as above

    file = Path(path).resolve()
    if not file.is_file():
        raise UsageError(f"there is no file {file}", state="Nothing was opened.")
    version = (file.stat().st_mtime_ns, file.stat().st_size)
    known = _from_files.get(file)
    if known is not None and known[0] == version:
        return known[1]
    name = file.stem
    spec = spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise UsageError(f"{file} cannot be imported as Python", state="Nothing was opened.")
    module = module_from_spec(spec)
    before = sys.modules.get(name)
    if before is None or (known is not None and before is known[1]):
        sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        if sys.modules.get(name) is module:
            del sys.modules[name]
        raise
    _from_files[file] = version, module
    return module


def _free_name(driver: object, found: type[Instrument], address: str | None) -> str:
    text = driver if isinstance(driver, str) and ":" not in driver else found.__name__.lower()
    stem = "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in text)
    stem = stem if stem[:1].isalpha() else f"instrument_{stem}"
    taken = instruments()
    kind = f"{found.__module__}.{found.__qualname__}"
    name, count = stem, 1
    while name in taken and not _is_same(taken[name], kind, address, found.simulator):
        count += 1
        name = f"{stem}_{count}"
    return name


def _is_same(living: Instrument, kind: str, address: str | None, simulator: str) -> bool:
    if address is not None and address.rstrip("/").lower() == "sim:":
        address = f"sim://{simulator}/{living.name}"
    return living.kind == kind and living.address == address


def _misfit(found: object) -> str:
    return "" if _is_instrument_class(found) else "is no subclass of luthier.Instrument"


plugins.expect("drivers", _misfit)
