"""Tries every parameter of a driver of another program; runs where that program is installed.

Each is read, set to what was read, and read again; after each step the instrument's error queue is asked. What came of
it is printed, a line of JSON for each reading and each setting. It needs nothing but PyVISA, which these programs have.
"""

from __future__ import annotations

import json
import re
import sys
import warnings
from functools import partial
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from pyvisa.resources import MessageBasedResource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__: list[str] = []

_MOST_ERRORS = 30
_NUMBER = re.compile(r"\s*([+-]?\d+)")

_sent: list[str] = []
_error_query: list[str] = []
"""What takes an error off the queue; nothing where there is none."""


def _record() -> None:
    """Note every message that is written from now on."""
    write = MessageBasedResource.write

    def noted(resource: Any, message: str, *arguments: Any, **options: Any) -> Any:
        _sent.append(message.strip())
        return write(resource, message, *arguments, **options)

    setattr(MessageBasedResource, "write", noted)  # noqa: B010 - to a type checker it is a method, to be left alone


def _opened(make: Callable[[], Any]) -> Any:
    """Make the driver; what fails is told, and ends the client."""
    try:
        return make()
    except Exception as error:  # noqa: BLE001 - a driver raises what it likes
        _tell("opening", "get", {"exception": type(error).__name__})
        raise SystemExit(0) from None


def _say(who: str) -> None:
    """Say who asks."""
    print(json.dumps({"who": who}), flush=True)


def _try_out(name: str, get: Callable[[], Any], put: Callable[[Any], Any] | None, ask: Callable[[str], str]) -> None:
    """Try one parameter, and say what came of it, as a line of JSON for reading and one for setting."""
    value, trouble = _tried(get, ask)
    _tell(name, "get", trouble)
    if put is None or trouble:
        return
    _, trouble = _tried(lambda: put(value), ask)
    if not trouble:
        again, trouble = _tried(get, ask)
        if not trouble and repr(again) != repr(value):
            trouble = {"changed": f"{value!r} was set, and {again!r} is read"}
    if not str(trouble.get("exception", "")).startswith("LookupError"):  # there is nothing that sets it
        _tell(name, "set", trouble)


def _tried(call: Callable[[], Any], ask: Callable[[str], str]) -> tuple[Any, dict[str, Any]]:
    trouble: dict[str, Any] = {}
    value = None
    try:
        value = call()
    except Exception as error:  # noqa: BLE001 - a driver raises what it likes
        trouble["exception"] = f"{type(error).__name__}{': no answer' if 'TMO' in str(error) else ''}"
    kept = list(_sent)
    if reported := _errors(ask):
        trouble["reported"] = reported
    _sent[:] = kept
    return value, trouble


def _errors(ask: Callable[[str], str]) -> list[str]:
    """Take all errors off the queue."""
    found = []
    for query in _error_query * _MOST_ERRORS:
        try:
            reply = ask(query)
        except Exception as error:  # noqa: BLE001 - the same
            return [f"the error queue is not answered: {type(error).__name__}"]
        number = _NUMBER.match(reply)
        if number is None or int(number[1]) == 0:
            break
        found.append(reply.strip())
    return list(dict.fromkeys(found))


def _tell(name: str, action: str, trouble: dict[str, Any]) -> None:
    print(json.dumps({"name": name, "action": action, "sent": _sent, **trouble}), flush=True)
    _sent.clear()


# PyMeasure: properties of the driver, and of its channels


def _hosts(driver: Any) -> Iterator[tuple[str, Any]]:
    yield "", driver
    for key, channel in getattr(driver, "channels", {}).items():
        yield f"ch_{key}.", channel


def _properties(host: Any) -> Iterator[tuple[str, property]]:
    for name in dir(type(host)):
        found = getattr(type(host), name)
        if isinstance(found, property):
            yield name, found


def pymeasure(kind: Any, address: str) -> None:
    """Try all properties of a driver of PyMeasure."""
    driver = _opened(
        lambda: kind(address, visa_library="@py", timeout=500, read_termination="\n", write_termination="\n")
    )
    for path, host in _hosts(driver):
        for name, found in _properties(host):
            setter = None if found.fset is None else partial(setattr, host, name)
            _try_out(f"{path}{name}", partial(getattr, host, name), setter, driver.ask)


# QCoDeS: parameters of the driver, and of its submodules


def _parameters(host: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    if id(host) in seen:
        return
    seen.add(id(host))
    for name, parameter in host.parameters.items():
        if path or name not in ("timeout", "IDN"):
            yield f"{path}{name}", parameter
    for name, part in getattr(host, "submodules", {}).items():
        if hasattr(part, "parameters"):
            yield from _parameters(part, f"{path}{name}.", seen)


def qcodes(kind: Any, address: str) -> None:
    """Try all parameters of a driver of QCoDeS."""
    driver = _opened(lambda: kind("driver", address, terminator="\n", timeout=0.5, device_clear=False, visalib="@py"))
    for path, parameter in _parameters(driver, "", set()):
        if parameter.gettable:
            _try_out(path, parameter.get, parameter.set if parameter.settable else None, driver.ask)


def main(program: str, place: str, port: str, *error_query: str) -> None:
    """Try a driver; ``place`` is module:Class."""
    _error_query.extend(error_query)
    module, _, name = place.partition(":")
    kind: Any = getattr(import_module(module), name)
    _say(f"{program} {version(program.lower())}, {name}")
    _record()
    run = {"PyMeasure": pymeasure, "QCoDeS": qcodes}[program]
    run(kind, f"TCPIP::127.0.0.1::{port}::SOCKET")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(*sys.argv[1:])
