"""Recording what is said to an instrument."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
from luthier import Instrument, parameter
from luthier.errors import ClosedError, ConnectionLostError, OutOfStepError, ResponseTimeoutError, UsageError
from luthier.scpi import ArrayFormat
from luthier.testing.wire import DictTransport, ScriptedTransport, WireFault
from luthier_sim import read_tape, record


class Source(Instrument):
    """An instrument with something of everything."""

    voltage = parameter(float, get_cmd="VOLT?", set_cmd="VOLT {}", unit="V")
    password = parameter(str, set_cmd='PASS "{}"', get_cmd=False)


def lines(recorded: object) -> list[str]:
    """Return marks and contents of a tape, without times."""
    return [f"{entry.mark.value} {entry.text}" for entry in recorded.tape.entries]  # type: ignore[attr-defined] # a Recording


def test_a_tape_says_what_passed_and_what_it_meant() -> None:
    with Source("source", transport=DictTransport()) as source, record(source) as recording:
        source.voltage.set(1.5)
        assert source.voltage.get() == 1.5
        source.clear()
    assert lines(recording)[1:] == [
        "> VOLT 1.5",
        "= voltage set 1.5",
        "> VOLT?",
        "< 1.5",
        "= voltage read 1.5",
        "* clear",
    ]
    tape = recording.tape
    assert tape.driver == f"{__name__}:Source"
    assert (tape.facts["instrument"], tape.facts["address"]) == ("source", "dict://")
    times = [entry.time or 0.0 for entry in tape.entries]
    assert times == sorted(times)


def test_after_the_block_nothing_stands_between() -> None:
    wire = DictTransport({"VOLT": "1"})
    with Source("source", transport=wire) as source:
        with record(source) as recording:
            pass
        before = recording.tape
        source.voltage.get()
        assert source._transport is wire
        assert recording.tape == before


def test_recordings_nest() -> None:
    with Source("source", transport=DictTransport({"VOLT": "1"})) as source, record(source) as outer:
        with record(source) as inner:
            source.voltage.get()
        source.voltage.get()
    assert len(inner.exchanges) == 1
    assert len(outer.exchanges) == 2


def test_errors_of_the_connection_are_recorded_and_pass() -> None:
    wire = DictTransport({"VOLT": "1"}, faults={1: WireFault.TIMEOUT, 3: WireFault.LOST})
    with Source("source", transport=wire) as source, record(source) as recording:
        with pytest.raises(ResponseTimeoutError):
            source.voltage.get()
        assert source.voltage.get() == 1
        with pytest.raises(ConnectionLostError):
            source.voltage.get()
    assert [exchange.fault for exchange in recording.exchanges] == ["timeout", "", "lost"]
    assert [exchange.replies for exchange in recording.exchanges] == [(), (b"1",), ()]


def test_blocks_are_one_reply_and_half_of_one_is_a_part() -> None:
    class Scope(Instrument):
        trace = parameter(np.ndarray, get_cmd="CURV?", array=ArrayFormat("i2"))

    block = b"#14\x00\x01\x00\x02"
    wire = ScriptedTransport([("CURV?", block), ("CURV?", b"#1?")])
    with Scope("scope", transport=wire) as scope, record(scope) as recording:
        assert list(scope.trace.get()) == [1, 2]
        with pytest.raises((OutOfStepError, AssertionError)):
            scope.trace.get()
    assert recording.exchanges[0].replies == (block,)
    assert recording.exchanges[1].replies == (b"#1?",)


def test_secrets_are_masked_everywhere(tmp_path: Path) -> None:
    file = tmp_path / "source.tape"
    wire = DictTransport(faults={2: WireFault.TIMEOUT})
    with Source("source", transport=wire) as source, record(source, file, mask=['PASS "(.*)"']):
        source.password.set("sesame")
        with pytest.raises(ResponseTimeoutError, match="sesame"):
            source.password.set("sesame")
        source.voltage.set(2.0)
    text = file.read_text()
    assert "sesame" not in text
    assert '> PASS "***"' in text
    assert '= password set "***"' in text
    assert "= voltage set 2.0" in text


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "source.tape"
    file.write_text("precious")
    with Source("source", transport=DictTransport()) as source:
        with pytest.raises(FileExistsError), record(source, file):
            pass
        with record(source) as recording:
            source.voltage.set(1.0)
        with pytest.raises(FileExistsError):
            recording.save(file)
        recording.save(tmp_path / "other.tape")
    assert file.read_text() == "precious"
    assert read_tape(tmp_path / "other.tape") == recording.tape


def test_what_cannot_be_recorded_is_refused_and_leaves_no_file(tmp_path: Path) -> None:
    file = tmp_path / "nothing.tape"
    with Instrument("nowhere") as nowhere, pytest.raises(UsageError, match="no connection"), record(nowhere, file):
        pass
    with pytest.raises(ClosedError), record(nowhere, file):
        pass
    with pytest.raises(UsageError, match="no instrument of this process"), record(object(), file):  # type: ignore[arg-type] # that is the point
        pass
    assert not file.exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is full")
def test_a_full_disk_ends_the_recording_and_not_the_measurement(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    file = tmp_path / "source.tape"
    with Source("source", transport=DictTransport()) as source, record(source, file) as recording:
        source.voltage.set(1.0)
        assert recording._place is not None
        recording._place.close()
        recording._place = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115 - the recording closes it
        with caplog.at_level(logging.ERROR):
            source.voltage.set(2.0)
            source.voltage.set(3.0)
        assert source.voltage.get() == 3.0
    assert caplog.text.count("can be written no more") == 1
    assert [exchange.text for exchange in read_tape(file).exchanges] == ["VOLT 1"]
