"""What instruments and channels have in common: a name, parameters, functions and channels."""

from __future__ import annotations

import logging
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self, TypeVar, Unpack, overload

from luthier.errors import DeclarationError, NameClashError, UsageError
from luthier.instrument.function import Function
from luthier.instrument.parameter_map import ParameterMap
from luthier.parameter import Declaration, Parameter, ParameterOptions, ParameterSpecification, live_parameter
from luthier.parameter.messages import unknown_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from luthier.instrument.channel import Channel, ChannelList
    from luthier.instrument.instrument import Instrument
    from luthier.monitor import Monitor
    from luthier.scpi import ArrayFormat
    from luthier.validators import Validator

__all__ = ["ParameterHost"]

T = TypeVar("T")

_log = logging.getLogger("luthier.instrument")


class ParameterHost:
    """The common base of :class:`~luthier.Instrument` and :class:`~luthier.Channel`."""

    declared_parameters: ClassVar[Mapping[str, Declaration[Any]]] = MappingProxyType({})
    """The parameters that the class declares, by name."""

    _name: str = ""
    _added: dict[str, Parameter[Any]]
    _functions: dict[str, Function]
    _channels: dict[str, Channel | ChannelList[Any]]

    def __init_subclass__(cls, **options: Any) -> None:
        """Collect the declared parameters of the class and its bases."""
        super().__init_subclass__(**options)
        declared: dict[str, Declaration[Any]] = {}
        for base in reversed(cls.__mro__):
            for name, value in vars(base).items():
                if isinstance(value, Declaration):
                    declared[name] = value
                else:
                    declared.pop(name, None)
        for name in declared:
            if hasattr(ParameterHost, name) or any(
                name in vars(base) and not isinstance(vars(base)[name], Declaration) for base in cls.__mro__
            ):
                raise DeclarationError(
                    f"the parameter {name!r} would hide what the base class means by that name",
                    who=cls.__name__,
                    advice="Choose another name.",
                )
        cls.declared_parameters = MappingProxyType(declared)

    def __new__(cls, *_args: object, **_options: object) -> Self:
        """Prepare what has to be there before any ``__init__`` runs."""
        host = super().__new__(cls)
        for attribute in ("_added", "_functions", "_channels"):
            object.__setattr__(host, attribute, {})
        return host

    # Who it is; the two kinds of hosts say

    @property
    def name(self) -> str:
        """The name, an identifier."""
        return self._name

    @property
    def full_name(self) -> str:
        """The name with those of all parents."""
        raise NotImplementedError

    @property
    def root(self) -> Instrument:
        """The instrument that this is, or belongs to."""
        raise NotImplementedError

    @property
    def closed(self) -> bool:
        """Whether the instrument was closed."""
        return self.root.closed

    @property
    def monitor(self) -> Monitor:
        """The lock that is held while a parameter is read or set; one for an instrument with all its channels."""
        return self.root.monitor

    @property
    def confirm_set(self) -> Callable[[str], None] | None:
        """Called with the command after each set of a parameter by message; ``None``: nothing is."""
        return self.root.confirm_set

    def write(self, command: str) -> None:
        """Send a command."""
        self.root.write(command)

    def query(self, command: str) -> str:
        """Send a query and return the reply; nobody else's message comes between."""
        return self.root.query(command)

    def write_array(self, command: str, array: Any, array_format: ArrayFormat) -> None:
        """Send ``command`` followed by ``array``."""
        self.root.write_array(command, array, array_format)

    def query_array(self, command: str, array_format: ArrayFormat) -> Any:
        """Send a query and return the array that answers it."""
        return self.root.query_array(command, array_format)

    # Parameters

    @property
    def parameters(self) -> Mapping[str, Parameter[Any]]:
        """The parameters by name, in the order of their declaration; those of channels are the channels'."""
        return ParameterMap(self)

    @property
    def added_parameters(self) -> Mapping[str, Parameter[Any]]:
        """The parameters that :meth:`add_parameter` added."""
        return MappingProxyType(self._added)

    def live(self, name: str) -> Parameter[Any]:
        """Return the live parameter of that name, making it when it is first asked for."""
        added = self._added.get(name)
        if added is not None:
            return added
        declaration = self.declared_parameters.get(name)
        if declaration is None:
            raise unknown_name("parameter", name, self.parameters, who=self.full_name)
        made: Parameter[Any] = live_parameter(name, declaration.specification, self)
        # Two threads may come here at once; setdefault lets one win.
        return self.__dict__.setdefault(name, made)  # type: ignore[no-any-return]  # only parameters are under this name

    def find(self, path: str) -> Parameter[Any]:
        """Return a parameter by its name, or by its path through channels (``ch1.voltage``)."""
        *channels, name = path.split(".")
        host: ParameterHost = self
        for channel in channels:
            step = host.channels.get(channel)
            if not isinstance(step, ParameterHost):
                raise unknown_name("channel", channel, host.channels, who=host.full_name)
            host = step
        return host.live(name)

    def attribute(self, path: str) -> object:
        """Return the attribute that a message template names (``number``, ``parent.slot``)."""
        value: Any = self
        for part in path.split("."):
            value = getattr(value, part)
        return value

    @overload
    def add_parameter(self, name: str, type: type[T], /, **options: Unpack[ParameterOptions]) -> Parameter[T]: ...

    @overload
    def add_parameter(self, name: str, /, **options: Unpack[ParameterOptions]) -> Parameter[Any]: ...

    def add_parameter(self, name: str, type: type[Any] = object, /, **options: Any) -> Parameter[Any]:  # noqa: A002 - it is the type
        """Add a parameter to this one instrument or channel, and return it.

        ``options`` are those of :func:`~luthier.parameter.parameter`, but callables are not given the instrument. Where
        a plain attribute has the name already, as in ``self.x = 0`` before ``self.add_parameter("x", …)``, the
        attribute stays, and the parameter is reached as ``self["x"]``.

        Raises :class:`~luthier.errors.NameClashError` where a parameter, channel, function or method has the name.
        """
        self._require_free(name)
        try:
            parameter = live_parameter(name, ParameterSpecification(type, **options), self)
        except UsageError as error:
            who = f"{self.full_name}.{name}" if isinstance(error, DeclarationError) else self.full_name
            error.complete(who=who, state="Nothing was added.")
            raise
        self._added[name] = parameter
        if name in self.__dict__:
            _log.info("%s: the attribute %r hides the parameter; reach it as [%r]", self.full_name, name, name)
        else:
            self.__dict__[name] = parameter
        return parameter

    def add_function(
        self,
        name: str,
        command: str | Callable[..., Any],
        *,
        arguments: Sequence[Validator] = (),
        doc: str = "",
    ) -> Function:
        """Add a named action to this one instrument or channel, and return it.

        Parameters
        ----------
        command
            A message, with one ``{}`` per argument, or a callable that takes the arguments. ``{number}`` is an
            attribute of the instrument or channel. A message that ends in ``?`` is a query, whose reply the action
            returns.
        arguments
            A validator for each argument; for a callable, none lets it take what it likes.

        Raises :class:`~luthier.errors.NameClashError`, as :meth:`add_parameter` does, and
        :class:`~luthier.errors.DeclarationError` where ``command`` and ``arguments`` do not fit together.
        """
        self._require_name(name, "function")
        self._require_free(name)
        function = Function(self, name, command, tuple(arguments), doc)
        self._functions[name] = function
        self.__dict__[name] = function
        return function

    def _require_name(self, name: object, kind: str) -> None:
        if not isinstance(name, str) or not name.isidentifier():
            raise UsageError(
                f"cannot name a {kind} {name!r}: allowed are letters, digits and _, no digit first",
                who=self.full_name,
                state="Nothing was added.",
            )

    def _require_free(self, name: str) -> None:
        taken = name in self.parameters or name in self._functions or name in self._channels
        if taken or hasattr(type(self), name):
            raise self._name_clash(name)

    def _name_clash(self, name: str) -> NameClashError:
        return NameClashError(
            f"cannot add {name!r}: the name is in use",
            who=self.full_name,
            state="Nothing was added.",
            advice="Choose another name.",
            name=name,
            opened_at="",
        )

    @property
    def functions(self) -> Mapping[str, Function]:
        """The actions that :meth:`add_function` added, by name."""
        return MappingProxyType(self._functions)

    @property
    def channels(self) -> Mapping[str, Channel | ChannelList[Any]]:
        """Channels and lists of channels, by name."""
        return MappingProxyType(self._channels)

    def adopt(self, channel: Channel | ChannelList[Any]) -> None:
        """Register a channel or list of channels under its name; for their constructors."""
        self._require_name(channel.name, "channel")
        self._require_free(channel.name)
        if channel.name in self.__dict__:
            raise self._name_clash(channel.name)
        self._channels[channel.name] = channel
        self.__dict__[channel.name] = channel

    def get(self, name: str) -> Any:
        """Read the parameter of that name or path."""
        return self.find(name).get()

    def set(self, name: str, value: Any) -> None:
        """Set the parameter of that name or path."""
        self.find(name).set(value)

    def __getitem__(self, name: str) -> Parameter[Any]:
        """Return the parameter of that name or path."""
        if not isinstance(name, str):
            raise UsageError(
                f"cannot look up [{name!r}]: allowed is the name of a parameter, or its path", who=self.full_name
            )
        return self.find(name)

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse ``inst.voltage = 1``, which would replace the parameter instead of setting it."""
        present = self.__dict__.get(name)
        if (name in self.declared_parameters or isinstance(present, Parameter)) and value is not present:
            raise UsageError(
                f"cannot replace the parameter {name!r} by {value!r}",
                who=self.full_name,
                state="Nothing was sent.",
                advice=f"To set it, call it: {self.full_name}.{name}({value!r}).",
            )
        object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        """Say what exists, where an attribute does not."""
        if any(name in vars(kind) for kind in type(self).__mro__):
            # A property of the driver raised AttributeError, which brought Python here: let it tell its own.
            return object.__getattribute__(self, name)
        if name.startswith("_"):
            yet = "" if "_name" in self.__dict__ else "; super().__init__(…) was not called yet"
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}{yet}", name=name, obj=self)
        known = (*self.parameters, *self._functions, *self._channels)
        raise unknown_name("parameter, channel or function", name, known, who=self.full_name)

    # A host is no sequence, though it has items: ``for`` and ``in`` are refused.
    __iter__ = None

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Refuse to be copied or pickled: there is one connection, and one object that has it."""
        raise UsageError(
            f"cannot copy or pickle a {type(self).__name__}",
            who=self.full_name,
            advice="Pass on its name and address, or a snapshot().",
        )

    def forget(self) -> None:
        """Mark what is known of the parameters, those of channels included, as no longer valid.

        What a parameter holds by itself, without asking the instrument, stays.
        """
        for parameter in self.known_parameters():
            parameter.forget_asked_limits()
            if parameter.cache.origin is not None and not parameter.holds_value:
                parameter.cache.invalidate()

    def known_parameters(self) -> Iterator[Parameter[Any]]:
        """Yield the parameters that were touched, those of channels included."""
        yield from (value for value in list(self.__dict__.values()) if isinstance(value, Parameter))
        yield from (value for name, value in self._added.items() if self.__dict__.get(name) is not value)
        for channel in self._channels.values():
            if isinstance(channel, ParameterHost):
                yield from channel.known_parameters()

    def make_safe(self) -> None:
        """Bring outputs into a state that can harm neither people nor samples; here: that of every channel.

        A driver for anything that can source overrides this.
        """
        for channel in self._channels.values():
            if isinstance(channel, ParameterHost):
                channel.make_safe()
