"""What the drivers of the SDS oscilloscopes send, and what they make of the replies."""

from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING, Any

import luthier
import numpy as np
import pytest
from luthier.errors import IdentityError, InstrumentFaultError, OutOfStepError, ReplyError
from luthier.testing import DriverConformance
from luthier.testing.wire import expected_exchanges
from luthier_siglent.sds import Sds
from luthier_siglent.sds1000xe import Sds1000xe
from luthier_siglent.simulated.sds import SimulatedSds1104xHd, SimulatedSds2354xPlus
from luthier_siglent.simulated.sds1000xe import SimulatedSds1104xe
from luthier_sim import device_at, serve

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from luthier_siglent.scope_messages import ScopeInstrument

XE = "Siglent Technologies,SDS1202X-E,SDS1EDEX5R0001,1.3.27"
PLUS = "Siglent Technologies,SDS2354X Plus,SDS2PCAX1R0001,1.5.2R3"

# path, value, what is sent to set it, query, reply
XE_SETTINGS = [
    ("ch1.probe", 10.0, "C1:ATTN 10", "C1:ATTN?", "C1:ATTN 10"),
    ("ch1.coupling", "ac", "C1:CPL A1M", "C1:CPL?", "C1:CPL A1M"),
    ("ch1.bandwidth_limit", True, "BWL C1,ON", "C1:BWL?", "BWL C1,ON"),
    ("ch2.bandwidth_limit", False, "BWL C2,OFF", "C2:BWL?", "OFF"),
    ("ch1.inverted", True, "C1:INVS ON", "C1:INVS?", "C1:INVS ON"),
    ("ch2.enabled", True, "C2:TRA ON", "C2:TRA?", "C2:TRA ON"),
    ("time_scale", 1e-3, "TDIV 0.001", "TDIV?", "TDIV 1.00E-03S"),
    ("trigger_source", "ch2", "TRSE EDGE,SR,C2,HT,OFF", "TRSE?", "TRSE EDGE,SR,C2,HT,TI,HV,1.43US"),
    ("trigger_source", "external_5", "TRSE EDGE,SR,EX5,HT,OFF", "TRSE?", "EDGE,SR,EX5,HT,OFF"),
    ("trigger_mode", "normal", "TRMD NORM", "TRMD?", "TRMD NORM"),
    ("acquisition", "average", "ACQW AVERAGE", "ACQW?", "ACQW AVERAGE,16"),
    ("averages", 64, "AVGA 64", "AVGA?", "AVGA 64"),
    ("memory_depth", 1_400_000, "MSIZ 1.4M", "MSIZ?", "MSIZ 1.4M"),
]
PLUS_SETTINGS = [
    ("ch1.probe", 10.0, "CHAN1:PROB VAL,10", "CHAN1:PROB?", "1.00E+01"),
    ("ch4.coupling", "ground", "CHAN4:COUP GND", "CHAN4:COUP?", "GND"),
    ("ch1.impedance", 50.0, "CHAN1:IMP FIFTy", "CHAN1:IMP?", "FIFTy"),
    ("ch1.bandwidth", "20 MHz", "CHAN1:BWL 20M", "CHAN1:BWL?", "20M"),
    ("ch1.inverted", True, "CHAN1:INV ON", "CHAN1:INV?", "ON"),
    ("ch1.enabled", False, "CHAN1:SWIT OFF", "CHAN1:SWIT?", "OFF"),
    ("trigger_type", "edge", "TRIG:TYPE EDGE", "TRIG:TYPE?", "EDGE"),
    ("trigger_source", "mains", "TRIG:EDGE:SOUR LINE", "TRIG:EDGE:SOUR?", "LINE"),
    ("trigger_slope", "both", "TRIG:EDGE:SLOP ALTernate", "TRIG:EDGE:SLOP?", "ALTernate"),
    ("trigger_coupling", "low pass", "TRIG:EDGE:COUP HFREJect", "TRIG:EDGE:COUP?", "HFREJect"),
    ("trigger_mode", "normal", "TRIG:MODE NORMal", "TRIG:MODE?", "NORMal"),
    ("acquisition", "high resolution", "ACQ:TYPE ERES", "ACQ:TYPE?", "ERES,0.5"),
]


class TestSds1000xe(DriverConformance):
    driver = "siglent.sds1000xe"


class TestSds(DriverConformance):
    driver = "siglent.sds"


def opened(model: type[ScopeInstrument], idn: str, exchanges: list[Any]) -> AbstractContextManager[Any]:
    return expected_exchanges(model, [("*IDN?", idn), *exchanges], name="scope", command_interval=0.0)


@pytest.mark.parametrize(
    ("model", "idn", "row"),
    [(Sds1000xe, XE, row) for row in XE_SETTINGS] + [(Sds, PLUS, row) for row in PLUS_SETTINGS],
    ids=[f"xe-{row[0]}-{row[1]}" for row in XE_SETTINGS] + [f"plus-{row[0]}-{row[1]}" for row in PLUS_SETTINGS],
)
def test_a_setting_is_sent_and_read_as_the_guides_say(model: type[ScopeInstrument], idn: str, row: Any) -> None:
    path, value, command, query, reply = row
    with opened(model, idn, [(command, None), (query, reply)]) as scope:
        scope.set(path, value)
        assert scope.get(path) == value


def test_what_the_trigger_takes_is_sent_to_its_source_and_numbers_are_looked_at() -> None:
    exchanges = [
        ("TRSE?", "TRSE EDGE,SR,C2,HT,OFF"),
        ("C2:TRSL WINDOW", None),
        ("C2:TRCP HFREJ", None),
        ("C2:VDIV?", "C2:VDIV 5.00E-01V"),
        ("C2:TRLV 1.5", None),
        ("C2:TRLV?", "C2:TRLV 1.50E+00V"),
        ("C2:OFST -0.25", None),
        ("C2:OFST?", "C2:OFST -2.50E-01V"),
        ("TDIV?", "TDIV 1.00E-03S"),
        ("TRDL 0.002", None),
        ("TRDL?", "TRDL 2.00E-03S"),
        ("SARA?", "SARA 5.00E+08Sa/s"),
        ("SAST?", "SAST Trig'd"),
    ]
    with opened(Sds1000xe, XE, exchanges) as scope:
        assert len(scope.inputs) == 2
        scope.trigger_slope("both")
        scope.trigger_coupling("low pass")
        scope.trigger_level(1.5)
        scope.ch2.offset(0.25)
        scope.time_offset(2e-3)
        assert scope.sample_rate() == 5e8
        assert scope.trigger_status() == "triggered"


def test_the_level_of_an_external_trigger_is_that_of_its_connector() -> None:
    exchanges = [
        ("TRSE?", "TRSE EDGE,SR,EX5,HT,OFF"),
        ("EX5:TRLV 1.5", None),
        ("EX5:TRLV?", "EX5:TRLV 1.50E+00V"),
        ("EX5:TRSL?", "EX5:TRSL NEG"),
    ]
    with opened(Sds1000xe, XE, exchanges) as scope:
        scope.trigger_level(1.5)
        assert scope.trigger_slope() == "falling"


def test_a_number_that_is_not_possible_is_told_with_what_was_taken() -> None:
    exchanges = [("CHAN1:SCAL?", "1.00E-02"), ("CHAN1:OFFS -50", None), ("CHAN1:OFFS?", "-2.00E+00")]
    with (
        opened(Sds, PLUS, exchanges) as scope,
        pytest.raises(InstrumentFaultError, match=r"ch1\.offset: -50 .*took -2"),
    ):
        scope.ch1.offset(50.0)


WAVE = b"\x00\x19\xe7\x7f"  # 0, one division, minus one, 127 codes
VOLTS = [0.5, 1.0, 0.0, 3.04]


@pytest.mark.parametrize("header", [b"C1:WF DAT2,", b"DAT2,"])
def test_a_waveform_of_the_sds1000xe_is_understood(header: bytes) -> None:
    exchanges: list[Any] = [
        (b"C1:TRA?", b"C1:TRA ON"),
        (b"SANU? C1", b"SANU 4pts"),
        (b"C1:VDIV?", b"C1:VDIV 5.00E-01V"),
        (b"C1:OFST?", b"C1:OFST -5.00E-01V"),
        (b"WFSU SP,1,NP,0,FP,0", None),
        (b"C1:WF? DAT2", header + b"#9000000004" + WAVE + b"\n"),
        (b"TRMD?", b"TRMD STOP"),
    ]
    with opened(Sds1000xe, XE, exchanges) as scope:
        assert scope.ch1.trace() == pytest.approx(VOLTS)
        assert scope.trigger_mode() == "stopped"


def preamble(bits: int, codes: float, order: int = 0) -> bytes:
    octets = bytearray(346)
    octets[:8] = b"WAVEDESC"
    struct.pack_into("<h", octets, 34, order)
    struct.pack_into("<3f", octets, 156, 0.05, -0.05, codes)
    struct.pack_into("<h", octets, 172, bits)
    struct.pack_into("<f", octets, 328, 10.0)
    return b"#9000000346" + bytes(octets)


@pytest.mark.parametrize(
    ("bits", "codes", "width", "pieces"),
    [
        (8, 30.0, b"BYTE", [b"#13\x00\x1e\xe2\n", b"#11\x3c\n"]),
        (10, 120.0, b"WORD", [b"#16\x00\x00\x00\x1e\x00\xe2\n", b"#12\x00\x3c\n"]),
        (12, 7680.0, b"WORD", [b"#13\x00\x00\x00\x1e\x00\xe2\n", b"#12\x00\x3c\n"]),
    ],
    ids=["bytes", "words", "words whose number is told"],
)
def test_a_waveform_of_the_newer_ones_comes_in_pieces(
    bits: int, codes: float, width: bytes, pieces: list[bytes]
) -> None:
    exchanges: list[Any] = [
        (b"CHAN1:SWIT?", b"ON"),
        (b"WAV:SOUR C1", None),
        (b"WAV:INT 1", None),
        (b"WAV:PRE?", preamble(bits, codes)),
        (b"WAV:WIDT " + width, None),
        (b"ACQ:POIN?", b"4.00E+00"),
        (b"WAV:MAXP?", b"3"),
        (b"WAV:STAR 0", None),
        (b"WAV:POIN 3", None),
        (b"WAV:DATA?", pieces[0]),
        (b"WAV:STAR 3", None),
        (b"WAV:POIN 1", None),
        (b"WAV:DATA?", pieces[1]),
    ]
    with opened(Sds, PLUS, exchanges) as scope:
        assert scope.ch1.trace() == pytest.approx([0.5, 1.0, 0.0, 1.5])


@pytest.mark.parametrize(
    ("reply", "error", "text"),
    [
        (preamble(8, 42.5), ReplyError, "42.5 codes in a division"),
        (b"#9000000004WAVE", ReplyError, "4 bytes"),
        (b"no waveform", OutOfStepError, "no waveform"),
        (b"#0WAVE", OutOfStepError, "followed by"),
    ],
)
def test_a_preamble_that_is_none_is_told(reply: bytes, error: type[Exception], text: str) -> None:
    exchanges: list[Any] = [
        (b"CHAN1:SWIT?", b"ON"),
        (b"WAV:SOUR C1", None),
        (b"WAV:INT 1", None),
        (b"WAV:PRE?", reply),
    ]
    with opened(Sds, PLUS, exchanges) as scope, pytest.raises(error, match=text):
        scope.ch1.trace()


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (Sds1000xe, "SDS1104X HD"),
        (Sds1000xe, "SDS1104X"),
        (Sds, "SDS1104X-E"),
        (Sds, "SDS2104X"),
        (Sds, "SDS6204A"),
    ],
)
def test_another_oscilloscope_is_refused(model: type[ScopeInstrument], name: str) -> None:
    with pytest.raises(IdentityError, match=name), opened(model, f"Siglent Technologies,{name},1,2", []):
        pass


@pytest.mark.parametrize(("name", "inputs"), [("SDS824X HD", 4), ("SDS1102X HD", 2), ("SDS5032X", 2), ("SDS2354X+", 4)])
def test_the_model_says_how_many_inputs_there_are(name: str, inputs: int) -> None:
    with opened(Sds, f"Siglent Technologies,{name},1,2", []) as scope:
        assert len(scope.inputs) == inputs


def test_a_command_is_given_time() -> None:
    exchanges = [("*IDN?", PLUS), ("TRIG:RUN", None), ("TRIG:STOP", None), ("TRIG:MODE?", "AUTO")]
    with expected_exchanges(Sds, exchanges, name="scope", command_interval=0.03) as scope:
        assert Sds.command_interval == 0.02
        began = time.monotonic()
        scope.run()
        scope.stop()
        scope.trigger_mode()
        assert time.monotonic() - began >= 0.06


@pytest.mark.parametrize("address", ["sim://", "sim://siglent.sds1104xhd"])
def test_on_the_simulator_a_square_wave_is_seen_with_8_and_with_12_bits(address: str) -> None:
    with luthier.open("siglent.sds", address, name="scope_sim") as scope:
        device = device_at(scope.address)
        assert isinstance(device, SimulatedSds2354xPlus)
        device.signals[2] = lambda times: 0.3 * np.sin(2e3 * np.pi * times)
        scope.inputs.enabled.set((True, True, False, False))
        scope.inputs.scale.set(0.1)
        scope.ch2.probe(10)
        scope.ch1.offset(0.5)
        scope.time_scale(100e-6)
        scope.time_offset(250e-6)
        scope.single()
        assert scope.trigger_status() == "stopped"
        times, wave = scope.ch2.times(), scope.ch2.trace()
        assert times[0] == pytest.approx(-250e-6)
        assert wave == pytest.approx(0.3 * np.sin(2e3 * np.pi * times), abs=1.0 / 30 if device.bits == 8 else 1.0 / 400)
        with pytest.raises(InstrumentFaultError, match="trigger_level"):
            scope.trigger_level(5.0)


def test_on_the_simulator_headers_do_not_matter_and_settings_are_kept_apart() -> None:
    with luthier.open("siglent.sds1000xe", "sim://", name="xe_sim") as scope:
        device = device_at(scope.address)
        assert isinstance(device, SimulatedSds1104xe)
        scope.ch1.scale(0.2)
        scope.ch1.offset(0.5)
        scope.time_scale(500e-6)
        scope.single()
        traces = []
        for word in (b"SHORT", b"OFF"):
            device.respond(b"COMM_HEADER " + word)
            traces.append(scope.ch1.trace())
            assert scope.memory_depth() == len(scope.ch1.times()) == 14_000
        assert np.array_equal(*traces)
        assert (traces[0].min(), traces[0].max()) == pytest.approx((0.0, 1.0), abs=0.005)


def test_the_simulators_take_every_spelling_and_refuse_the_rest() -> None:
    old, new = SimulatedSds1104xe(), SimulatedSds1104xHd()
    old.respond(b"C2:VOLT_DIV 200 mV;:TIME_DIV 30us;:C2:TRIG_LEVEL 3V;:EX5:TRIG_SLOPE NEG")
    assert old.respond(b"C2:VDIV?;:TIME_DIV?;:C2:TRLV?;:EX5:TRSL?") == (
        b"C2:VDIV 2.000000E-01V;TDIV 2.000000E-05S;C2:TRLV 9.000000E-01V;EX5:TRSL NEG\n"
    )
    new.respond(b":CHANNEL2:SCALE 200 mV;:TRIGGER:EDGE:SLOPE fall;:CHAN2:BWLIMIT 20M;:ACQ:TYPE AVER,64")
    assert new.respond(b"CHAN2:SCAL?;:TRIG:EDGE:SLOP?;:CHAN2:BWL?;:ACQ:TYPE?") == (
        b"2.000000E-01;FALLing;20M;AVERage,64\n"
    )
    for device, message in ((old, b"C5:VDIV 1"), (old, b"AVGA 5"), (new, b"CHAN2:BWL 30M"), (new, b"ACQ:TYPE AVER,5")):
        assert device.respond(message) is None
        assert not (device.respond(b"SYST:ERR?") or b"0").startswith(b"0")


def test_over_a_socket_what_follows_a_waveform_is_not_taken_for_the_next_reply() -> None:
    with serve(SimulatedSds1104xe, port=0) as served:
        address = f"TCPIP0::127.0.0.1::{served.port}::SOCKET"
        with luthier.open("siglent.sds1000xe", address, name="xe_socket", command_interval=0.0) as scope:
            scope.single()
            assert len(scope.ch1.trace()) == len(scope.ch1.trace()) == scope.ch1.points()
            assert scope.trigger_status() == "stopped"
