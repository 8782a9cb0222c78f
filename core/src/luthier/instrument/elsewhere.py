"""Instruments on servers that run, and reading many parameters in few round trips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier import plugins

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luthier.parameter import Parameter

__all__ = ["connect", "get_many"]


def connect(server: str, instrument: str | None = None) -> Any:
    """Return the proxy of a server of this machine that runs, or of one of its instruments.

    Nothing is started, and closing the proxy closes neither. Raises :class:`~luthier.errors.ConnectError` where no such
    server runs, :class:`~luthier.errors.UnknownNameError` where it has no such instrument.
    """
    return plugins.registry("servers").load("local").connect(server, instrument)  # type: ignore[attr-defined]  # looked at by the registry


def get_many(parameters: Sequence[Parameter[Any]]) -> tuple[Any, ...]:
    """Read several parameters, in order: those on one server in one round trip, all others one by one.

    Raises what the first reading that fails raises; what was read before stays in the caches.
    """
    together: dict[object, list[int]] = {}
    values: list[Any] = [None] * len(parameters)
    for index, parameter in enumerate(parameters):
        key = getattr(parameter, "batch_key", None)
        if key is None:
            values[index] = parameter.get()
        else:
            together.setdefault(key, []).append(index)
    for indices in together.values():
        first: Any = parameters[indices[0]]
        for index, value in zip(indices, first.get_batch([parameters[index] for index in indices]), strict=True):
            values[index] = value
    return tuple(values)
