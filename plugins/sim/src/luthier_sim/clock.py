"""The time that simulated devices live in: real, faster or slower than real, or standing still."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

from luthier.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Clock", "process_clock"]

_FOR_EVER: Final = float("inf")
_LONGEST_WAIT: Final = 3600.0  # seconds that a lock can be waited for on every system; then it is waited for again


class Clock:
    """Time in seconds since the clock was made, for one device or many.

    A clock runs at `speed` times real time. At speed 0 it stands still, and whoever waits for a time moves it there at
    once: in a test nothing has to sleep, and a reply that is due in an hour comes immediately. Safe to use from any
    thread.

    Parameters
    ----------
    speed
        Seconds of the clock for each real second; 0 lets it stand still.

    Examples
    --------
    >>> clock = Clock(speed=0)
    >>> clock.advance(10.0)
    >>> clock.now()
    10.0
    """

    def __init__(self, speed: float = 1.0) -> None:
        self._changed = threading.Condition()
        self._speed = _checked_speed(speed)
        self._time = 0.0
        self._since = time.monotonic()

    def __repr__(self) -> str:
        """Show the time and the speed."""
        return f"<Clock at {self.now():.6g} s, speed {self._speed:g}>"

    @property
    def speed(self) -> float:
        """Seconds of the clock for each real second. Settable; 0 freezes."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        checked = _checked_speed(speed)
        with self._changed:
            self._time = self.now()
            self._since = time.monotonic()
            self._speed = checked
            self._changed.notify_all()

    def freeze(self) -> None:
        """Let the clock stand still until it is moved, or its speed is set again."""
        self.speed = 0.0

    def now(self) -> float:
        """Return the time in seconds."""
        with self._changed:
            return self._time + (time.monotonic() - self._since) * self._speed

    def advance(self, seconds: float) -> None:
        """Move the clock forward at once; negative `seconds` raise :class:`~luthier.errors.ValidationError`."""
        if not seconds >= 0:
            raise ValidationError(
                f"the clock cannot be moved by {seconds!r} s: allowed are 0 s and more",
                state="Nothing was changed.",
                value=seconds,
                allowed="0 s and more",
            )
        with self._changed:
            self._time += seconds
            self._changed.notify_all()

    def wait_until(self, moment: float, *, given_up: Callable[[], bool] = bool) -> bool:
        """Wait until the clock shows `moment`; a clock that stands still is moved there.

        Parameters
        ----------
        moment
            Seconds, as :meth:`now` counts; infinite: never.
        given_up
            Asked before each piece of waiting, and after :meth:`wake`; waiting ends when it returns true.

        Returns
        -------
        bool
            Whether the time has come; false where it was given up.
        """
        if moment <= 0:  # the usual case of a device to which nothing takes time
            return True
        with self._changed:
            while (left := moment - self.now()) > 0:
                if given_up():
                    return False
                if self._speed == 0 and left < _FOR_EVER:
                    self._time = moment
                    return True
                self._changed.wait(min(left / self._speed if self._speed else _LONGEST_WAIT, _LONGEST_WAIT))
        return True

    def wake(self) -> None:
        """Let everybody who waits ask again whether to give up."""
        with self._changed:
            self._changed.notify_all()


def _checked_speed(speed: float) -> float:
    if not 0 <= speed < float("inf"):
        raise ValidationError(
            f"a clock cannot run at {speed!r} times real time: allowed are finite numbers from 0",
            state="Nothing was changed.",
            value=speed,
            allowed="finite numbers from 0",
        )
    return float(speed)


_process_clock: Final = Clock()


def process_clock() -> Clock:
    """Return the clock that devices live by unless they are given another one."""
    return _process_clock
