"""What arbitrary waveform generators of Tektronix have in common: their list of waveforms, running, safety."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from luthier import Channel, ChannelList, ScpiInstrument, parameter
from luthier.errors import IdentityError, ReplyError, ValidationError
from luthier.scpi import ArrayFormat, format_string, parse_float, parse_string

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

__all__ = ["AwgOutput", "MarkerOutput", "WaveformGenerator", "name_list"]

BYTES: Final = ArrayFormat("u1")
MARKER_BITS: Final = (0x40, 0x80)
"""Of a byte of markers: the first marker, the second."""


def name_list(names: Iterable[str]) -> tuple[str, ...]:
    """Return names as they are kept."""
    return tuple(names)


class MarkerOutput(Channel):
    """One marker output of a channel; its levels and delay are declared by the models."""

    def __init__(self, parent: AwgOutput, number: int, marker: int) -> None:
        super().__init__(parent, f"marker{marker}")
        self.number = number
        self.marker = marker


class AwgOutput(Channel):
    """One analog output, with its markers; the models declare ``output`` last, because snapshots are restored so."""

    marker_kind: ClassVar[type[MarkerOutput]]

    waveform = parameter(
        str,
        get_cmd="SOUR{number}:WAV?",
        set_cmd="SOUR{number}:WAV {}",
        get_parser=parse_string,
        set_parser=format_string,
        doc="Name of the waveform of the list that is put out; empty: none (SOURce:WAVeform).",
    )

    def __init__(self, parent: WaveformGenerator, number: int) -> None:
        super().__init__(parent, f"ch{number}")
        self.number = number
        self.marker1 = self.marker_kind(self, number, 1)
        self.marker2 = self.marker_kind(self, number, 2)

    def make_safe(self) -> None:
        """Switch the output off; its settings stay."""
        self["output"].set(False)


class WaveformGenerator(ScpiInstrument):
    """An arbitrary waveform generator with a list of waveforms; open one of the models.

    Raises
    ------
    IdentityError
        What answers is another instrument; the connection is closed.
    """

    model_pattern: ClassVar[re.Pattern[str]]
    """What ``*IDN?`` has to tell as the model; its group ``outputs`` is the number of outputs."""
    model_example: ClassVar[str]
    output_kind: ClassVar[type[AwgOutput]]
    first_index: ClassVar[int]
    """Of the list of waveforms."""

    run_state = parameter(
        str,
        get_cmd="AWGC:RST?",
        mapping={"stopped": "0", "waiting": "1", "running": "2"},
        snapshot=False,
        doc="Whether it is stopped, waits for a trigger, or puts out (AWGControl:RSTate?).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        model = self.idn.model
        found = self.model_pattern.fullmatch(model)
        if found is None:
            raise IdentityError(
                f"{self.idn.vendor} {model} answers; expected: such as {self.model_example}",
                who=f"{self.name} ({self.address})",
                state="Nothing was changed on it; the connection is closed.",
                advice="Check the address; luthier drivers tektronix lists the drivers of other generators.",
                sent="no",
                expected=self.model_example,
                identity=str(self.idn),
            )
        outputs = [self.output_kind(self, number) for number in range(1, int(found["outputs"]) + 1)]
        for output in outputs:
            setattr(self, output.name, output)
        self.outputs = ChannelList(self, "outputs", outputs)
        self.add_function("run", "AWGC:RUN", doc="Put the waveforms out (AWGControl:RUN:IMMediate).")
        self.add_function("stop", "AWGC:STOP", doc="Put out no more (AWGControl:STOP:IMMediate).")

    # The list of waveforms

    def waveforms(self) -> tuple[str, ...]:
        """Ask for the names of all waveforms, those that the instrument brings with it among them.

        WLISt:SIZE?, and WLISt:NAME? for each.
        """
        with self.monitor:
            count = int(parse_float(self.query("WLIS:SIZE?")))
            places = range(self.first_index, self.first_index + count)
            return tuple(parse_string(self.query(f"WLIS:NAME? {place}")) for place in places)

    def store(
        self, name: str, samples: ArrayLike, *, marker1: ArrayLike | None = None, marker2: ArrayLike | None = None
    ) -> None:
        """Put a waveform on the list (WLISt:WAVeform:NEW, :DATA, :MARKer:DATA).

        One of that name and length is overwritten where it is, also while it is put out.

        Parameters
        ----------
        name
            Of the waveform.
        samples
            From -1 to 1: half of the amplitude of the output, beside its offset.
        marker1, marker2
            As many truth values; ``None``: off.

        Raises
        ------
        ValidationError
            A sample is beyond -1 to 1 or not a number, lengths differ, or there is a waveform of that name with another
            length. Nothing was sent then, or only the questions for the names.
        """
        values, first, second = self._checked(name, samples, marker1, marker2)
        with self.monitor:
            if name not in self.waveforms():
                self.write(self._making(format_string(name), values.size))
            elif (length := self._length(name)) != values.size:
                raise self._refused(name, f"there is one with {length} points, and this one has {values.size}", name)
            self._send(format_string(name), values, first, second)
            if self.confirm_set is not None:
                self.confirm_set("WLIS:WAV:DATA")

    def read(self, name: str) -> NDArray[np.float64]:
        """Return the samples of a waveform of the list, from -1 to 1 (WLISt:WAVeform:DATA?).

        Raises :class:`~luthier.errors.ValidationError` where there is none of that name.
        """
        with self.monitor:
            self._require(name)
            return self._samples(format_string(name))

    def read_markers(self, name: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return both markers of a waveform of the list (WLISt:WAVeform:MARKer:DATA?).

        Raises :class:`~luthier.errors.ValidationError` where there is none of that name.
        """
        with self.monitor:
            self._require(name)
            marks = self.query_array(f"WLIS:WAV:MARK:DATA? {format_string(name)}", BYTES)
        first, second = ((marks & bit) != 0 for bit in MARKER_BITS)
        return first, second

    def delete(self, name: str) -> None:
        """Take a waveform off the list (WLISt:WAVeform:DELete).

        One that is put out is unloaded: the instrument stops and switches its output off.
        """
        self.write(f"WLIS:WAV:DEL {format_string(name)}")
        for output in self.outputs:
            output.forget()
        if self.confirm_set is not None:
            self.confirm_set("WLIS:WAV:DEL")

    def make_safe(self) -> None:
        """Switch all outputs off; where one fails, the others are switched off all the same.

        Raises an :class:`ExceptionGroup` with all failures.
        """
        failures = []
        for output in self.outputs:
            try:
                output.make_safe()
            except Exception as failure:  # noqa: BLE001 - whatever it is, the other outputs have to be switched off
                failures.append(failure)
        if failures:
            raise ExceptionGroup(f"{self.name}: {len(failures)} outputs may still be on", failures)

    # What models differ in

    def _making(self, quoted: str, size: int) -> str:
        """Return the command that makes an empty waveform."""
        raise NotImplementedError

    def _send(
        self, quoted: str, samples: NDArray[np.float64], first: NDArray[np.bool_], second: NDArray[np.bool_]
    ) -> None:
        """Send the data of a waveform that there is."""
        raise NotImplementedError

    def _samples(self, quoted: str) -> NDArray[np.float64]:
        """Ask for the data of a waveform that there is."""
        raise NotImplementedError

    def _length(self, name: str) -> int:
        return int(parse_float(self.query(f"WLIS:WAV:LENG? {format_string(name)}")))

    def _require(self, name: str) -> None:
        known = self.waveforms()
        if name not in known:
            raise ValidationError(
                f"there is no waveform {name!r}",
                who=self.name,
                state="Nothing was changed.",
                advice=f"{self.name}.waveforms() lists them; {self.name}.store() makes one.",
                value=name,
                allowed=f"one of {len(known)} waveforms",
            )

    def _checked(
        self, name: str, samples: ArrayLike, marker1: ArrayLike | None, marker2: ArrayLike | None
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
        values = np.asarray(samples, dtype=np.float64)
        if values.ndim != 1 or not values.size:
            raise self._refused(name, f"the samples have the shape {values.shape}", values.shape)
        if not float(np.max(np.abs(values))) <= 1:
            raise self._refused(name, f"samples go from {values.min():g} to {values.max():g}", float(values.max()))
        marks = [
            np.zeros(values.size, dtype=np.bool_) if given is None else np.asarray(given, dtype=np.bool_)
            for given in (marker1, marker2)
        ]
        for given in marks:
            if given.shape != values.shape:
                raise self._refused(name, f"there are {values.size} samples and {given.size} marks", given.size)
        return values, marks[0], marks[1]

    def _refused(self, name: str, got: str, value: object) -> ValidationError:
        return ValidationError(
            f"cannot store the waveform {name!r}: {got}; allowed are samples from -1 to 1, and as many marks",
            who=self.name,
            state="No waveform was changed.",
            advice=f"A waveform of another length needs {self.name}.delete({name!r}) first.",
            value=value,
            allowed="samples from -1 to 1, and as many marks",
        )

    @staticmethod
    def _marks(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> NDArray[np.uint8]:
        return (first * np.uint8(MARKER_BITS[0]) + second * np.uint8(MARKER_BITS[1])).astype(np.uint8)

    def _not_read(self, question: str, reply: str, expected: str) -> ReplyError:
        return ReplyError(
            f"{question!r} was answered by {reply!r}; only waveforms of the type {expected} can be read",
            command=question,
            reply=reply,
            expected=expected,
        )
