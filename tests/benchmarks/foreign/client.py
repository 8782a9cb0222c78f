"""Tries every parameter of a driver of another program; runs where that program is installed.

Each is read, set to what was read, and read again; after each step the instrument's error queue is asked. What came of
it is printed, a line of JSON for each reading and each setting. It needs nothing but what these programs bring.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
import warnings
from functools import partial
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__: list[str] = []

_MOST_ERRORS = 30
_LATE = re.compile("TMO|timed out")
_NO_SETTER = re.compile("^LookupError|no `set_cmd` defined")
_NUMBER = re.compile(r"\s*([+-]?\d+)")

_sent: list[str] = []
_error_query: list[str] = []
"""What takes an error off the queue; nothing where there is none."""


_TWICE = re.compile(r"multiple values for (?:keyword )?argument '(\w+)'")


def _record(greeting: list[str]) -> None:
    """Note every message that PyVISA writes from now on; what the instrument says first, unasked, is read first."""
    resources = import_module("pyvisa.resources").MessageBasedResource
    write, read, first = resources.write, resources.read, iter(greeting)

    def noted(resource: Any, message: str, *arguments: Any, **options: Any) -> Any:
        _sent.append(message.strip())
        return write(resource, message, *arguments, **options)

    def greeted(resource: Any, *arguments: Any, **options: Any) -> Any:
        said = next(first, None)
        return read(resource, *arguments, **options) if said is None else said

    resources.write, resources.read = noted, greeted


def _opened(kind: Any, *arguments: Any, **options: Any) -> Any:
    """Make the driver, without the options that it gives itself; what fails is told, and ends the client."""
    try:
        return kind(*arguments, **options)
    except TypeError as error:
        if (twice := _TWICE.search(str(error))) and twice[1] in options:
            return _opened(kind, *arguments, **{name: options[name] for name in options if name != twice[1]})
        _tell("opening", "get", {"exception": type(error).__name__, "detail": str(error)})
        raise SystemExit(0) from None
    except Exception as error:  # noqa: BLE001 - a driver raises what it likes
        _tell("opening", "get", {"exception": type(error).__name__, "detail": str(error)})
        raise SystemExit(0) from None


def _say(who: str) -> None:
    """Say who asks."""
    print(json.dumps({"who": who}), flush=True)


def _try_out(name: str, get: Callable[[], Any], put: Callable[[Any], Any] | None, ask: Callable[[str], str]) -> None:
    """Try one parameter, and say what came of it, as a line of JSON for reading and one for setting."""
    value, trouble = _tried(get, ask)
    if not _sent:  # it is not about the instrument
        return
    _tell(name, "get", trouble)
    if put is None or trouble:
        return
    _, trouble = _tried(lambda: put(value), ask)
    if not trouble:
        again, trouble = _tried(get, ask)
        if not trouble and _shown(again) != _shown(value):
            trouble = {"changed": f"{_shown(value)} was set, and {_shown(again)} is read"}
    if not _NO_SETTER.search(f"{trouble.get('exception')}: {trouble.get('detail')}"):
        _tell(name, "set", trouble)
    _sent.clear()


def _shown(value: Any) -> str:
    told = repr(value)
    return str(vars(value)) if f" at {id(value):#x}" in told else told


def _tried(call: Callable[[], Any], ask: Callable[[str], str]) -> tuple[Any, dict[str, Any]]:
    trouble: dict[str, Any] = {}
    value = None
    try:
        value = call()
    except Exception as error:  # noqa: BLE001 - a driver raises what it likes
        trouble["detail"] = str(error)[:200]  # for who looks into it; it is not kept
        trouble["exception"] = type(error).__name__ + _kind_of(str(error))
    kept = list(_sent)
    if reported := _errors(ask):
        trouble["reported"] = reported
    _sent[:] = kept
    return value, trouble


def _kind_of(text: str) -> str:
    """Say what an exception is about, where its text says it and its type does not."""
    if _LATE.search(text):
        return ": no answer"
    return next((f": {kind.lower()}" for kind in ("Command Error", "Execution Error") if kind in text), "")


def _errors(ask: Callable[[str], str]) -> list[str]:
    """Take all errors off the queue; the first time, also what opening left there, and that it was switched on."""
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


def pymeasure(kind: Any, port: int, options: dict[str, Any]) -> None:
    """Try all properties of a driver of PyMeasure."""
    driver = _opened(
        kind,
        _address(port),
        visa_library="@py",
        timeout=300,
        read_termination=options["read_termination"],
        write_termination=options["write_termination"],
        **options["opening"],
    )
    for name, value in options["first"].items():
        setattr(driver, name, value)
    _errors(driver.ask)
    _sent.clear()
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


def qcodes(kind: Any, port: int, options: dict[str, Any]) -> None:
    """Try all parameters of a driver for QCoDeS."""
    driver = _opened(
        kind,
        "driver",
        _address(port),
        terminator=options["read_termination"],
        timeout=0.3,
        device_clear=False,
        visalib="@py",
        **options["opening"],
    )
    driver.visa_handle.timeout = 300
    _errors(driver.ask)
    _sent.clear()
    for path, parameter in _parameters(driver, "", set()):
        if parameter.gettable:
            _try_out(path, parameter.get, parameter.set if parameter.settable else None, driver.ask)


# lakeshore: methods that get, and those of the same name that set

_ARGUMENTS = {
    **dict.fromkeys(("input_channel", "channel"), "A"),
    **dict.fromkeys(("curve", "curve_number"), 21),
    **dict.fromkeys(("output", "heater_output", "index", "zone", "field", "relay_channel", "relay_number"), 1),
}


def _required(method: Any) -> list[str]:
    parameters = inspect.signature(method).parameters.values()
    return [one.name for one in parameters if one.default is one.empty]


def _setter(driver: Any, name: str, given: list[str]) -> Callable[[Any], Any] | None:
    """Return what sets what ``get_…`` returns; nothing where that is not plain."""
    method = getattr(driver, f"set_{name}", None)
    if method is None:
        return None
    wanted = _required(method)
    arguments = [_ARGUMENTS[one] for one in given]
    rest = wanted[len(given) :]
    if wanted[: len(given)] != given or not rest:
        return None

    def put(value: Any) -> None:
        if isinstance(value, dict):
            if not set(rest) <= set(value):
                raise LookupError
            method(*arguments, **{one: value[one] for one in rest})
        elif len(rest) == 1:
            method(*arguments, value)
        else:
            raise LookupError

    return put


def lakeshore(kind: Any, port: int, options: dict[str, Any]) -> None:  # noqa: ARG001 - it has its own terminations
    """Try the methods of a driver of Lake Shore's package."""
    wire = import_module("lakeshore.generic_instrument").GenericInstrument
    send = wire._tcp_command

    def noted(instrument: Any, message: str) -> None:
        _sent.append(message)
        send(instrument, message)

    wire._tcp_command = noted
    extra = {"baud_rate": 57600} if "baud_rate" in _required(kind) else {}
    driver = _opened(kind, ip_address="127.0.0.1", tcp_port=port, timeout=0.3, **extra)
    _tried(partial(driver.query, "*IDN?"), driver.query)  # takes the errors that opening left
    _sent.clear()
    for method in (name for name in dir(kind) if name.startswith("get_")):
        get, name = getattr(driver, method), method.removeprefix("get_")
        given = _required(get)
        if set(given) <= set(_ARGUMENTS):
            reading = partial(get, *(_ARGUMENTS[one] for one in given))
            _try_out(name, reading, _setter(driver, name, given), driver.query)


def _address(port: int) -> str:
    return f"TCPIP::127.0.0.1::{port}::SOCKET"


def main(program: str, place: str, port: str, options: str) -> None:
    """Try a driver; ``place`` is module:Class, and the options are JSON."""
    given = json.loads(options)
    _error_query.extend(given["error_query"])
    module, _, name = place.partition(":")
    kind: Any = getattr(import_module(module), name)
    _say(f"{program} {version(program.lower())}, {name}")
    run = {"PyMeasure": pymeasure, "QCoDeS": qcodes, "qcodes-contrib-drivers": qcodes, "lakeshore": lakeshore}[program]
    if run is not lakeshore:
        _record(given["greeting"])
    run(kind, int(port), given)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(*sys.argv[1:])
