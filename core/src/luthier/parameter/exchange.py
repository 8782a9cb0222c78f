"""How one live parameter fetches and sends what its specification says: the outermost ends of the pipeline."""

from __future__ import annotations

from string import Formatter
from types import MethodType
from typing import TYPE_CHECKING, Any, NamedTuple

from luthier.errors import NotGettableError, NotSettableError, UsageError
from luthier.parameter.template import compile_query, compile_template

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier.parameter.host import Host
    from luthier.parameter.live import Parameter

__all__ = ["Fetch", "Send", "fetch_for", "send_for"]


class Fetch(NamedTuple):
    """Where a raw value comes from (``None``: the parameter itself); ``textual`` if it is the text of a message."""

    run: Callable[[], Any] | None
    textual: bool
    command: str = ""


class Send(NamedTuple):
    """Where a raw value goes (``None``: nowhere, the parameter holds it); ``textual`` if it goes into a message."""

    run: Callable[[Any], object] | None
    textual: bool


def fetch_for(parameter: Parameter[Any]) -> Fetch:
    """Return how ``parameter`` is read."""
    specification = parameter.specification
    command = specification.get_cmd
    if specification.delegate is not None:
        return Fetch(parameter.delegate.get, textual=False)
    if command is False:
        return Fetch(_refuse_get(parameter), textual=False)
    if command is None:
        return Fetch(None, textual=False)
    if isinstance(command, str):
        return _fetch_message(parameter, _host_of(parameter, command), command)
    return Fetch(MethodType(command, parameter.host) if specification.bound else command, textual=False)


def send_for(parameter: Parameter[Any]) -> Send:
    """Return how ``parameter`` is set."""
    specification = parameter.specification
    command = specification.set_cmd
    if specification.delegate is not None:
        return Send(parameter.delegate.set, textual=False)
    if command is False:
        return Send(_refuse_set(parameter), textual=False)
    if command is None:
        return Send(None, textual=False)
    if isinstance(command, str):
        return _send_message(parameter, _host_of(parameter, command), command)
    call = MethodType(command, parameter.host) if specification.bound else command
    return Send(_confirmed(call, parameter.host), textual=False)


def _confirmed(call: Callable[[Any], object], host: Host | None) -> Callable[[Any], object]:
    confirm = None if host is None else host.confirm_set
    if confirm is None:
        return call

    def call_and_confirm(value: Any) -> None:
        call(value)
        confirm("")

    return call_and_confirm


def _fetch_message(parameter: Parameter[Any], host: Host, template: str) -> Fetch:
    command = compile_query(template, host.attribute)
    array_format = parameter.specification.array
    if array_format is not None:
        return Fetch(lambda: host.query_array(command, array_format), textual=False, command=command)
    query = host.query
    return Fetch(lambda: query(command), textual=True, command=command)


def _send_message(parameter: Parameter[Any], host: Host, template: str) -> Send:
    if parameter.specification.members:
        return _send_group(parameter, host, template)
    message = compile_template(template, host.attribute)
    prefix, suffix = message if isinstance(message, tuple) else (message, "")
    array_format = parameter.specification.array
    write, confirm = host.write, host.confirm_set
    if array_format is not None:

        def send_array(array: object) -> None:
            host.write_array(prefix, array, array_format)
            if confirm is not None:
                confirm(prefix)

        return Send(send_array, textual=False)
    takes_value = isinstance(message, tuple)

    def send(text: str) -> None:
        command = prefix + text + suffix if takes_value else prefix
        write(command)
        if confirm is not None:
            confirm(command)

    return Send(send, textual=True)


def _send_group(parameter: Any, host: Host, template: str) -> Send:
    names = parameter.specification.members
    fields = [field for _, field, _, _ in Formatter().parse(template) if field]
    attributes = {field: str(host.attribute(field)) for field in fields if field not in names}

    def send(values: dict[str, Any]) -> None:
        command = template.format_map({**attributes, **parameter.member_texts(values)})
        host.write(command)
        if host.confirm_set is not None:
            host.confirm_set(command)

    return Send(send, textual=False)


def _host_of(parameter: Parameter[Any], command: str) -> Host:
    if parameter.host is None:
        raise UsageError(
            f"cannot send {command!r}: a parameter that belongs to no instrument has no connection",
            who=parameter.full_name,
            state="Nothing was sent.",
            advice="Declare it in an Instrument class, use add_parameter, or give a callable.",
        )
    return parameter.host


def _refuse_get(parameter: Parameter[Any]) -> Callable[[], Any]:
    def refuse() -> object:
        raise NotGettableError(
            "cannot be read",
            who=parameter.full_name,
            state="Nothing was sent.",
            advice=f"{parameter.full_name}.cache.value is the last value set.",
        )

    return refuse


def _refuse_set(parameter: Parameter[Any]) -> Callable[[Any], None]:
    def refuse(_: object) -> None:
        raise NotSettableError("cannot be set: it can only be read", who=parameter.full_name, state="Nothing was sent.")

    return refuse
