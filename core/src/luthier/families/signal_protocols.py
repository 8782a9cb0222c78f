"""The families of what makes, watches and analyses signals, as types; see :mod:`luthier.families.protocols`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from luthier.families.protocols import Channels, Member, common

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = [
    "FunctionGenerator",
    "FunctionGeneratorOutput",
    "LockIn",
    "NetworkAnalyzer",
    "Oscilloscope",
    "OscilloscopeInput",
    "SignalGenerator",
    "SpectrumAnalyzer",
]


class SignalGenerator(Member, Protocol):
    """A signal generator."""

    @common
    def frequency(self) -> float: ...

    @common
    def power(self) -> float: ...

    @common
    def output(self) -> bool: ...


class FunctionGeneratorOutput(Member, Protocol):
    """One output of a function generator."""

    @common
    def waveform(self) -> str: ...

    @common
    def frequency(self) -> float: ...

    @common
    def amplitude(self) -> float: ...

    @common
    def offset(self) -> float: ...

    @common
    def output(self) -> bool: ...


class FunctionGenerator(Member, Protocol):
    """A function generator."""

    @property
    def outputs(self) -> Channels[FunctionGeneratorOutput]: ...


class OscilloscopeInput(Member, Protocol):
    """One input of an oscilloscope."""

    @common
    def enabled(self) -> bool: ...

    @common
    def scale(self) -> float: ...

    @common
    def offset(self) -> float: ...

    @common
    def trace(self) -> NDArray[Any]: ...


class Oscilloscope(Member, Protocol):
    """An oscilloscope."""

    @common
    def time_scale(self) -> float: ...

    @common
    def time_offset(self) -> float: ...

    @property
    def run(self) -> Callable[[], Any]: ...

    @property
    def stop(self) -> Callable[[], Any]: ...

    @property
    def single(self) -> Callable[[], Any]: ...

    @property
    def inputs(self) -> Channels[OscilloscopeInput]: ...


class LockIn(Member, Protocol):
    """A lock-in amplifier."""

    @common
    def x(self) -> float: ...

    @common
    def y(self) -> float: ...

    @common
    def r(self) -> float: ...

    @common
    def theta(self) -> float: ...

    @common
    def frequency(self) -> float: ...

    @common
    def phase(self) -> float: ...

    @common
    def sensitivity(self) -> float: ...

    @common
    def time_constant(self) -> float: ...


class NetworkAnalyzer(Member, Protocol):
    """A network analyser."""

    @common
    def start(self) -> float: ...

    @common
    def stop(self) -> float: ...

    @common
    def center(self) -> float: ...

    @common
    def span(self) -> float: ...

    @common
    def points(self) -> int: ...

    @common
    def power(self) -> float: ...

    @common
    def if_bandwidth(self) -> float: ...

    @common
    def frequencies(self) -> NDArray[Any]: ...


class SpectrumAnalyzer(Member, Protocol):
    """A spectrum analyser."""

    @common
    def start(self) -> float: ...

    @common
    def stop(self) -> float: ...

    @common
    def center(self) -> float: ...

    @common
    def span(self) -> float: ...

    @common
    def points(self) -> int: ...

    @common
    def resolution_bandwidth(self) -> float: ...

    @common
    def video_bandwidth(self) -> float: ...

    @common
    def reference_level(self) -> float: ...

    @common
    def frequencies(self) -> NDArray[Any]: ...

    @common
    def trace(self) -> NDArray[Any]: ...
