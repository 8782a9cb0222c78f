"""Reading and setting in coroutines, by a thread for each call."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from luthier.monitor import on_behalf_of, waiting

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Callable

__all__ = ["AwaitedParameter"]

T = TypeVar("T")


class AwaitedParameter(Generic[T]):
    """The half of :class:`luthier.parameter.Parameter` that is for asyncio.

    Calls to different instruments go on at the same time (``asyncio.gather``), however many they are; those to one
    instrument take turns, in no promised order: where the order matters, await one before the next.
    """

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def full_name(self) -> str: ...  # noqa: D102 - Parameter's own

        def get(self) -> T: ...  # noqa: D102 - the same

        def set(self, value: T) -> None: ...  # noqa: D102 - the same

        def stop(self) -> None: ...  # noqa: D102 - the same

    async def aget(self) -> T:
        """Read the value as :meth:`get` does, in a thread, while the event loop goes on; raises what it raises.

        A call that is cancelled before it began sends nothing. Once it has begun, the cancellation waits until the
        exchange under way has ended, so that nothing happens to the instrument afterwards; a second cancellation does
        not wait.
        """
        return await _in_thread(self.get, lambda: None, f"reading {self.full_name}")

    async def aset(self, value: T) -> None:
        """Set ``value`` as :meth:`set` does, in a thread, while the event loop goes on; raises what it raises.

        A call that is cancelled before it began sends nothing. Once it has begun, the cancellation stops a ramp (see
        :meth:`stop`), waits until the exchange under way has ended, and leaves the parameter at the last value sent,
        which its cache holds: nothing is undone. A second cancellation does not wait.
        """
        await _in_thread(lambda: self.set(value), self.stop, f"setting {self.full_name}")


async def _in_thread(call: Callable[[], T], stop: Callable[[], object], doing: str) -> T:
    """Return what ``call`` returns in a thread of its own, on behalf of the calls that the present thread is in."""
    import asyncio  # noqa: PLC0415 - who awaits has it already, who does not needs none
    from contextvars import copy_context  # noqa: PLC0415 - the same

    loop = asyncio.get_running_loop()
    ended: Future[tuple[T | None, BaseException | None]] = loop.create_future()
    context = copy_context()

    def work() -> None:
        with on_behalf_of(calls):
            outcome = context.run(_outcome_of, call)
        with suppress(RuntimeError):  # the loop was closed by somebody who did not wait: there is nobody to tell
            loop.call_soon_threadsafe(_tell, ended, outcome)

    with waiting() as calls:
        threading.Thread(target=work, name=doing, daemon=True).start()
        try:
            value, error = await asyncio.shield(ended)
        except asyncio.CancelledError:
            stop()
            await asyncio.wait([ended])
            raise
    if error is not None:
        raise error
    return value  # type: ignore[return-value]  # a T wherever there is no error


def _outcome_of(call: Callable[[], T]) -> tuple[T | None, BaseException | None]:
    try:
        return call(), None
    except BaseException as error:  # noqa: BLE001 - it is raised in the coroutine
        return None, error


def _tell(ended: Future[Any], outcome: object) -> None:
    if not ended.done():
        ended.set_result(outcome)
