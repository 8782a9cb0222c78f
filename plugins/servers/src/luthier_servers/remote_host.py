"""What proxies of instruments and of channels have in common: they are filled from a description."""

from __future__ import annotations

import sys
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from luthier import Channel
from luthier.errors import UsageError
from luthier.instrument import ParameterHost
from luthier.parameter import ParameterSpecification
from luthier.server.faults import from_fault
from luthier.server.values import Payload, ValueReader, to_wire
from luthier.validators import Enum as OneOf
from luthier.validators import from_data

from luthier_servers import messages, surroundings
from luthier_servers.remote_channels import RemoteChannelList
from luthier_servers.remote_methods import RemoteFunction, RemoteMethod
from luthier_servers.remote_parameter import RemoteParameter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from inspect import Signature

    from luthier.validators import Validator

    from luthier_servers.link import Link
    from luthier_servers.remote_instrument import RemoteInstrument

__all__ = ["RemoteChannel", "RemoteHost", "known_class"]

_TYPES: dict[str, type] = {kind.__name__: kind for kind in (float, int, bool, str, complex, dict, list, tuple)}


def known_class(kind: str) -> type | None:
    """Return the class ``module.Class`` if this process has imported it; nothing is imported for it."""
    parts = kind.split(".")
    for split in range(len(parts) - 1, 0, -1):
        module = sys.modules.get(".".join(parts[:split]))
        found: Any = module
        for name in parts[split:] if module is not None else ():
            found = vars(found).get(name) if isinstance(found, type) or found is module else None
        if isinstance(found, type):
            return found if issubclass(found, ParameterHost) else None
    return None


@lru_cache(maxsize=1000)
def _stand_in(name: str, members: tuple[tuple[str, Any], ...]) -> type[Enum]:
    """Return an enum class with the names and values of one that this process does not have."""
    made = Enum(name.rpartition(".")[2], dict(members))  # type: ignore[misc]  # made from what was described
    made.__qualname__ = name
    return made


class RemoteHost(ParameterHost):
    """The common half of :class:`RemoteInstrument` and :class:`RemoteChannel`.

    What was described is kept in the instance's dictionary: parameters, functions, channels, methods.
    """

    _kind: type | None = None
    _prefix: str = ""
    _properties: Mapping[str, Any] = {}

    @property
    def wire_link(self) -> Link:
        """The connection to the server."""
        raise NotImplementedError

    @property
    def wire_root(self) -> RemoteInstrument:
        """The proxy of the instrument that it belongs to."""
        raise NotImplementedError

    @property
    def wire_name(self) -> str:
        """The name of the instrument there."""
        raise NotImplementedError

    @property
    def wire_reader(self) -> ValueReader:
        """What turns answers into values."""
        raise NotImplementedError

    @property
    def deadline(self) -> float | None:
        """Seconds that a call may take; ``None``: as long as the server lives."""
        raise NotImplementedError

    def require_open(self) -> None:
        """Raise :class:`~luthier.errors.ClosedError` where the proxy was closed."""
        raise NotImplementedError

    def wire_redescribe(self) -> None:
        """Ask what the instrument offers now, and take over what is new."""
        raise NotImplementedError

    @property  # type: ignore[misc]  # proxies pass for what they stand for
    def __class__(self) -> type:
        """The class of the instrument or channel, where this process knows it."""
        return type(self) if self._kind is None else self._kind

    def wire_call(self, path: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Call a function or method by its path within the instrument."""
        self.require_open()
        payload = Payload()
        request = messages.Call(
            0,
            on=self.wire_name,
            path=path,
            args=[to_wire(argument, payload) for argument in args],
            kwargs={name: to_wire(argument, payload) for name, argument in kwargs.items()},
        )
        reply, came = self.wire_link.exchange(request, payload, self.deadline)
        if reply.changed:
            self.wire_redescribe()
        return self.wire_reader.read(reply.value, came)

    def wire_batch(self, items: list[messages.Item], payload: Payload | None = None) -> tuple[list[Any], Any]:
        """Carry out gets and sets in one round trip; raises what the first that failed raised."""
        self.require_open()
        reply, came = self.wire_link.exchange(messages.Batch(0, items=items), payload, self.deadline)
        values = []
        for result in reply.value:
            if "fault" in result:
                raise from_fault(result["fault"], self.wire_reader, came, where=self.wire_link.name)
            values.append(result.get("value"))
        return values, came

    # From a description

    def wire_fill(self, description: dict[str, Any]) -> None:
        """Take over what is described and not there yet."""
        object.__setattr__(self, "_properties", {found["name"]: found for found in description["properties"]})
        for facts in description["parameters"]:
            known = self._added.get(facts["name"])
            if known is None:
                self._place(facts["name"], self._make_parameter(facts), self._added)
            elif isinstance(known, RemoteParameter):
                known.attach(self, f"{self._prefix}{facts['name']}", facts)
        for facts in description["functions"]:
            if facts["name"] not in self._functions:
                self._place(facts["name"], RemoteFunction(self, facts), self._functions)
        for facts in description["methods"]:
            if not isinstance(self.__dict__.get(facts["name"]), RemoteMethod):
                self._place(facts["name"], RemoteMethod(self, facts, self._signature_of(facts["name"])), {})
        self._fill_channels(description)

    def _fill_channels(self, description: dict[str, Any]) -> None:
        for facts in description["channels"]:
            channel = self._channels.get(facts["name"])
            if channel is None:
                channel = RemoteChannel(self, facts)
            assert isinstance(channel, RemoteChannel)  # what was made above, earlier
            channel.wire_fill(facts)
        for facts in description["lists"]:
            if facts["name"] not in self._channels:
                members = [channel for name in facts["members"] if isinstance(channel := self._channels[name], Channel)]
                self.adopt(RemoteChannelList(self, facts["name"], members, register=False))

    def _place(self, name: str, thing: Any, table: dict[str, Any]) -> None:
        table[name] = thing
        if not hasattr(getattr(type(self), name, None), "__set__"):  # a property of the proxy wins anyway
            self.__dict__[name] = thing

    def _make_parameter(self, facts: dict[str, Any]) -> RemoteParameter[Any]:
        known = self._kind.declared_parameters.get(facts["name"]) if self._kind is not None else None  # type: ignore[attr-defined]  # a class of hosts
        value_type, validator = self._type_and_validator(facts)
        if known is not None:
            value_type, validator = known.specification.type, known.specification.validator
        specification = ParameterSpecification(
            value_type,
            unit=facts["unit"],
            label=facts["label"],
            doc=facts["doc"],
            snapshot=facts["snapshot"],
            max_age=facts["max_age"],
            axes=tuple(facts["axes"]),
        )
        specification.validator = validator
        parameter: RemoteParameter[Any] = RemoteParameter.of(facts["name"], specification, self)  # type: ignore[assignment]  # of this class
        parameter.attach(self, f"{self._prefix}{facts['name']}", facts)
        return parameter

    def _type_and_validator(self, facts: dict[str, Any]) -> tuple[type, Validator | None]:
        data = facts["validator"]
        enum = facts["enum"]
        if enum is not None and enum["members"]:
            stand_in = _stand_in(enum["name"], tuple(enum["members"].items()))
            return stand_in, OneOf(*stand_in)
        validator = None if data is None else from_data(data)
        return _TYPES.get(facts["type"], object), validator

    def _signature_of(self, name: str) -> Signature | None:
        function = None if self._kind is None else getattr(self._kind, name, None)
        if function is None:
            return None
        import inspect  # noqa: PLC0415 - slow to import

        whole = inspect.signature(function)
        return whole.replace(parameters=list(whole.parameters.values())[1:])

    # Properties and later additions

    def __getattr__(self, name: str) -> Any:
        """Read a property of the instrument, or say what exists."""
        if name in self._properties:
            self.require_open()
            request = messages.Attribute(0, on=self.wire_name, path=f"{self._prefix}{name}")
            reply, came = self.wire_link.exchange(request, None, self.deadline)
            return self.wire_reader.read(reply.value, came)
        return super().__getattr__(name)

    def __setattr__(self, name: str, value: object) -> None:
        """Set a property of the instrument; refuse what would only change the proxy."""
        if name.startswith("_") or hasattr(getattr(type(self), name, None), "__set__"):
            object.__setattr__(self, name, value)
        elif name in self._properties:
            self.require_open()
            payload = Payload()
            path = f"{self._prefix}{name}"
            self.wire_link.exchange(
                messages.SetAttribute(0, on=self.wire_name, path=path, value=to_wire(value, payload)),
                payload,
                self.deadline,
            )
        else:
            super().__setattr__(name, value)
            del self.__dict__[name]
            raise UsageError(
                f"cannot set the attribute {name!r}: the instrument lives on the server {self.wire_link.name!r}",
                who=self.full_name,
                state="Nothing was sent.",
                advice="Give it a parameter, a method or a property for that.",
            )

    def add_parameter(self, name: str, type: type[Any] = object, /, **options: Any) -> Any:  # noqa: A002 - as of hosts
        """Add a parameter to the instrument on its server, and return its proxy.

        With callables among ``options`` it is added to this proxy alone, as functions of this process cannot be called
        from there.
        """
        if any(callable(option) and not hasattr(option, "check") for option in options.values()):
            return super().add_parameter(name, type, **options)
        self.require_open()
        payload = Payload()
        validator = options.get("validator")
        if validator is not None:
            options = {**options, "validator": validator.to_data()}
        request = messages.AddParameter(
            0,
            on=self.wire_name,
            path=self._prefix.removesuffix("."),
            name=name,
            type=type.__name__,
            options={key: to_wire(option, payload) for key, option in options.items()},
        )
        self.wire_link.exchange(request, payload, self.deadline)
        self.wire_redescribe()
        return self.live(name)

    def __dir__(self) -> list[str]:
        """Offer everything that was described for completion."""
        own = (name for name in dir(type(self)) if not name.startswith("wire_"))
        return sorted({*own, *self.__dict__, *self.parameters, *self._properties})


class RemoteChannel(RemoteHost, Channel):
    """A channel of an instrument elsewhere."""

    def __init__(self, parent: RemoteHost, facts: dict[str, Any]) -> None:
        object.__setattr__(self, "_kind", known_class(facts["kind"]))
        object.__setattr__(self, "_prefix", f"{parent._prefix}{facts['name']}.")  # noqa: SLF001 - its own kind
        Channel.__init__(self, parent, facts["name"])

    def __reduce_ex__(self, protocol: object) -> Any:
        """Travel as a reference, in pickles too."""
        return surroundings.dial_part, (self.wire_root.wire_reference.uri, self._prefix.removesuffix("."))

    @property
    def _home(self) -> RemoteHost:
        parent = self._parent
        assert isinstance(parent, ParameterHost)
        return parent  # type: ignore[return-value]  # made by one

    @property
    def wire_link(self) -> Link:
        """The connection to the server."""
        return self._home.wire_link

    @property
    def wire_root(self) -> RemoteInstrument:
        """The proxy of the instrument that it belongs to."""
        return self._home.wire_root

    @property
    def wire_name(self) -> str:
        """The name of the instrument there."""
        return self._home.wire_name

    @property
    def wire_reader(self) -> ValueReader:
        """What turns answers into values."""
        return self._home.wire_reader

    @property
    def deadline(self) -> float | None:
        """That of the instrument."""
        return self._home.deadline

    def require_open(self) -> None:
        """Raise :class:`~luthier.errors.ClosedError` where the instrument's proxy was closed."""
        self._home.require_open()

    def wire_redescribe(self) -> None:
        """Ask what the instrument offers now."""
        self._home.wire_redescribe()
