"""A run from its first announcement to its stored end, whoever takes the points."""

from __future__ import annotations

import time
import traceback
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

import attrs
from luthier import plugins
from luthier.plain import to_plain

from luthier_measure.control import StopRequested
from luthier_measure.errors import FinalStateError, StorageError
from luthier_measure.final_state import carry_out as carry_out_final
from luthier_measure.run_facts import CONTROL, PLUGINS
from luthier_measure.snapshots import take_snapshot
from luthier_measure.storage import RunEnd
from luthier_measure.surroundings import late_surroundings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from luthier.parameter import Parameter

    from luthier_measure.control import RunControl
    from luthier_measure.final_state import FinalStep
    from luthier_measure.interrupts import Interrupts
    from luthier_measure.run import Run
    from luthier_measure.storage import Outcome, RunHeader, RunWriter
    from luthier_measure.timings import Timings

__all__ = ["RunLife"]

_TOLD_OF = (StorageError, TypeError)
"""What the writer raises is in its ``failures`` as well, which end the run in order."""


@attrs.define(eq=False)
class RunLife:
    """A run with all that it takes to announce it and to end it, once.

    Attributes
    ----------
    run, writer
        Where it is stored.
    control
        What it is asked to do meanwhile.
    final_steps
        What is to be done afterwards.
    header
        What was stored when it began.
    bar
        Shows progress as long as its context lasts.
    parameters
        Gives those whose state after the last point is of interest.
    swept
        Gives those that say where an error came.
    facts
        Gives what is to be kept of how it went, by name, in JSON's terms; what is empty is not kept.
    timings
        How long instruments took.
    duration_before
        Seconds that the run took before, where it goes on; ``None``: that is not known.
    """

    run: Run
    writer: RunWriter
    control: RunControl
    final_steps: tuple[FinalStep, ...]
    header: RunHeader
    bar: Callable[[], AbstractContextManager[object]]
    parameters: Callable[[], Sequence[Parameter[Any]]]
    swept: Callable[[], Sequence[Parameter[Any]]]
    facts: Callable[[], Mapping[str, Any]]
    timings: Timings
    duration_before: float | None = 0.0
    metadata: dict[str, Any] = attrs.field(init=False)
    """The run's, in JSON's terms, as they are now."""
    _began: float = attrs.field(factory=time.monotonic, init=False)
    _final_failures: list[str] = attrs.field(factory=list, init=False)
    _pauses_before: Sequence[Any] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Begin with the metadata that were stored."""
        self.metadata = dict(self.header.metadata)
        self._pauses_before = self.metadata.get(CONTROL, {}).get("pauses", ())

    @contextmanager
    def in_order(self, interrupts: Interrupts | None) -> Iterator[None]:
        """Announce the run, and end it in order when the block ends, however that is.

        A stop that was asked for ends the block in silence. Any other error is raised, once the run has ended.

        Parameters
        ----------
        interrupts
            What takes Ctrl-C; ``None`` where it does not arrive.
        """
        self.control.failures = self.writer.failures
        self.control.on_pause = self._note_pause
        outcome: Outcome = "completed"
        ended_by: BaseException | None = None
        error_text = ""
        try:
            with nullcontext() if interrupts is None else interrupts.at_once():
                self._announce()
                with self.bar():
                    yield
        except StopRequested as stop:
            # The stop of a run around this one ends this one, too.
            outcome, ended_by = "stopped", None if stop.control in {None, self.control} else stop
        except KeyboardInterrupt as error:
            error.add_note(self._where("was stopped"))
            outcome, ended_by = "stopped", error
        except BaseException as error:  # noqa: BLE001 - raised again when the run has ended in order
            outcome, ended_by, error_text = "failed", error, traceback.format_exc()
            if not isinstance(error, StorageError):
                error.add_note(self._where("failed"))
        self._finish(interrupts, outcome, ended_by, error_text)

    def begin_late(self) -> None:
        """Take down the state of now as that of the beginning, because the run had to wait."""
        self.metadata[CONTROL] = {"pauses": list(self.control.pauses)}
        with suppress(*_TOLD_OF):
            self.writer.annotate(self.metadata, take_snapshot(self.parameters()))

    def give_up(self) -> None:
        """End a run that was stopped before it began: nothing was set, and nothing is to be left in another state."""
        self.control.ending()
        self._annotate()
        self.writer.finish(RunEnd("stopped", max(time.time(), self.header.started)))

    def _finish(
        self, interrupts: Interrupts | None, outcome: Outcome, ended_by: BaseException | None, error_text: str
    ) -> None:
        """Bring everything into its final state and store the end; raise what ended the run, if that was an error."""
        # What is set finally is not what the last point was taken with.
        after = take_snapshot(self.parameters())
        self.control.ending()
        failures = carry_out_final(self.final_steps, nullcontext if interrupts is None else interrupts.step)
        self._final_failures = [f"{each.what}: {type(error).__name__}: {error}" for each, error in failures]
        self._annotate()
        try:
            self.writer.finish(self._end(outcome, error_text, after))
        except StorageError as error:
            if ended_by is None or isinstance(ended_by, StorageError):
                ended_by = error
            else:
                ended_by.add_note(str(error))
        if ended_by is None and outcome == "completed" and self.writer.failures:
            ended_by = self.writer.failures[0]
        if ended_by is None and failures:
            raise self._final_error() from failures[0][1]
        if ended_by is not None:
            if failures:
                ended_by.add_note(str(self._final_error()))
            raise ended_by

    def _end(self, outcome: Outcome, error_text: str, after: dict[str, Any]) -> RunEnd:
        # A clock that was set back meanwhile must not let the run end before it began.
        took = time.monotonic() - self._began
        ended = max(time.time(), self.header.started + took)
        duration = None if self.duration_before is None else self.duration_before + took
        late = late_surroundings(self.header.environment)
        return RunEnd(outcome, ended, error_text, after, late, self.timings.to_data(), duration)

    def _announce(self) -> None:
        """Tell plugins of the run, and keep what they have to say about it."""
        plugins.hooks.run_started(self.run)
        contributed = plugins.hooks.run_metadata(self.run)
        if contributed:
            self.metadata[PLUGINS] = to_plain(contributed)
            self.writer.annotate(self.metadata)

    def _note_pause(self) -> None:
        """Keep the pause with the run, and bring all points into the file: somebody is going to look at them."""
        self._annotate()
        with suppress(*_TOLD_OF):
            self.writer.flush()

    def _annotate(self) -> None:
        """Keep with the run what is to be told of how it went, where there is something."""
        facts = {
            "pauses": [*self._pauses_before, *self.control.pauses],
            **self.facts(),
            "final_state": self._final_failures,
        }
        told = {key: value for key, value in facts.items() if value}
        if told:
            with suppress(*_TOLD_OF):
                self.metadata[CONTROL] = told
                self.writer.annotate(self.metadata)

    def _final_error(self) -> FinalStateError:
        failed = len(self._final_failures)
        return FinalStateError(
            f"{failed} of the {len(self.final_steps)} steps of finally_= failed: {'; '.join(self._final_failures)}",
            who=f"run {self.run.id}",
            state="All points are stored; the other steps were carried out.",
            advice="Look after these instruments.",
            failures=tuple(self._final_failures),
            run_id=self.run.id,
        )

    def _where(self, ended: str) -> str:
        """Say how far the run came, for the error that ended it."""
        reached = ", ".join(_reached(parameter) for parameter in self.swept() if parameter.cache.origin is not None)
        at = f" at {reached}" if reached else ""
        run_id = self.run.id
        return f"Run {run_id} {ended}{at}; the points taken before are stored: luthier_measure.load({run_id!r})."


def _reached(parameter: Parameter[Any]) -> str:
    value = f"{parameter.cache.value} {parameter.unit}".rstrip() if parameter.cache.valid else "not known"
    return f"{parameter.full_name} = {value}"
