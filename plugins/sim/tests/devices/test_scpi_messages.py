"""What a simulated SCPI device makes of messages, asked as a driver asks it."""

from __future__ import annotations

from typing import Any

import pytest
from luthier.errors import DeclarationError
from luthier_sim import (
    ChannelList,
    Choice,
    Integer,
    Number,
    Refusal,
    ScpiDevice,
    channel_setting,
    command,
    query,
    setting,
)


class Generator(ScpiDevice):
    """A device with one of everything."""

    identity = "ACME,GENERATOR,7,1.0"
    error_queue_size = 4

    frequency = setting("[SOURce:]FREQuency[:CW]", 1000.0, minimum=1e-3, maximum=2e7, unit="Hz")
    voltage = setting("[SOURce:]VOLTage[:LEVel][:IMMediate]", 0.0, minimum=-10, maximum="ceiling", unit="V")
    resolved = setting("[SOURce:]VOLTage:OFFSet", 0.0, unit="V", resolution=0.001, form="{:+.4E}")
    ceiling = 10.0
    impedance = setting("OUTPut:IMPedance", 50.0, minimum=1, unit="Ω")
    count = setting("TRIGger:COUNt", 1, minimum=1, maximum=100)
    shape = setting("FUNCtion[:SHAPe]", "SIN", choices=("SINusoid", "SQUare", "DC"))
    function = setting("SENSe:FUNCtion", "VOLT:DC", Choice("VOLTage[:DC]", "CURRent[:DC]", quoted=True))
    text = setting("DISPlay:TEXT", "", keep=True)
    data = setting("DATA:ARBitrary", b"")
    levels = setting("LIST:LEVel", (0.0,), minimum=-1, maximum=1)
    output = channel_setting("OUTPut[1|2][:STATe]", False)
    gain = channel_setting("GAIN", {1: 1.0, 2: 10.0, 3: 100.0}, channels=(1, 2, 3), maximum=1000)
    rounded_to = setting("SYSTem:ROUNd", 5, minimum=0, maximum=99)

    @rounded_to.on_set
    def _even_only(self, value: int) -> None:
        if value > 50:
            raise Refusal(-221)
        self.rounded_to = value // 2 * 2

    def selected_channels(self) -> tuple[int, ...]:
        return (2,)

    @query("MEASure[1..4]:VOLTage?", Number(optional=True, unit="V"), ChannelList(optional=True), form="{:.3f}")
    def measured(self, unit: int, span: float | None, channels: tuple[int, ...] | None) -> list[float]:
        return [unit, span or 0.0, *(channels or ())]

    @command("SYSTem:BEEPer", Number(unit="Hz"), Integer(minimum=0))
    def beep(self, frequency: float, times: int) -> None:
        self.beeps = (frequency, times)

    @query("TRACe?")
    def trace(self) -> bytes:
        return b"\n#;\xff"


@pytest.fixture
def ask() -> Any:
    device = Generator()

    def answer(message: str | bytes) -> str | None:
        reply = device.respond(message.encode("latin-1") if isinstance(message, str) else message)
        return None if reply is None else reply.removesuffix(b"\n").decode("latin-1")

    return answer


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        # short and long forms, optional nodes, case, leading colon
        ("*IDN?", "ACME,GENERATOR,7,1.0"),
        ("FREQ 5;FREQ?", "5"),
        ("source:frequency:cw 5;:SOUR:FREQ?", "5"),
        (":VOLT:LEV:IMM 1;:VOLT:IMM?;:VOLTAGE?", "1;1"),
        ("  \t*idn?  \r", "ACME,GENERATOR,7,1.0"),
        # the path that follows from the header before; common commands do not change it
        ("SOUR:VOLT 2;FREQ 7;*CLS;FREQ?;VOLT?", "7;2"),
        ("SOUR:VOLT:OFFS 1;OFFS?;:FREQ?", "+1.0000E+00;1000"),
        # units and multipliers
        ("FREQ 1 MHZ;FREQ?;FREQ 2MAHZ;FREQ?;FREQ 3 kHz;FREQ?", "1000000;2000000;3000"),
        ("VOLT 5 mV;VOLT?;VOLT 5MV;VOLT?;VOLT 1e3uV;VOLT?;VOLT 1.1 mV;VOLT?", "0.005;0.005;0.001;0.0011"),
        ("OUTP:IMP 1 MOHM;IMP?;IMP 2 KOHM;IMP?", "1000000;2000"),
        # numbers of every form
        ("VOLT +.5E+0;VOLT?;VOLT -1.;VOLT?;VOLT #H0A;VOLT?;VOLT #b11;VOLT?;VOLT #Q7;VOLT?", "0.5;-1;10;3;7"),
        ("TRIG:COUN 2.5;COUN?;COUN 1E1;COUN?", "3;10"),
        ("VOLT:OFFS 0.12345;OFFS?", "+1.2300E-01"),
        # words for limits, both ways
        ("VOLT MAX;VOLT?;VOLT MINimum;VOLT?;VOLT DEF;VOLT?", "10;-10;0"),
        ("VOLT? MAX;VOLT? min;FREQ? DEF", "10;-10;1000"),
        # words, truth values, strings
        ("FUNC SQU;FUNC?;FUNC sinusoid;FUNC?", "SQU;SIN"),
        ("SENS:FUNC \"CURR\";FUNC?;FUNC 'voltage:dc';FUNC?;FUNC CURRent;FUNC?", '"CURR:DC";"VOLT:DC";"CURR:DC"'),
        ("OUTP ON;OUTP?;OUTP 0;OUTP?;OUTP 3;OUTP?", "1;0;1"),
        ("DISP:TEXT 'it''s; \"so\", 1';TEXT?", '"it\'s; ""so"", 1"'),
        # suffixes and lists
        ("OUTP2 1;OUTP1?;OUTP2?;OUTP?", "0;1;0"),
        ("GAIN 5,(@1,3);GAIN? (@1:3);GAIN?;GAIN 7;GAIN? (@3:1)", "5,10,5;10;5,7,5"),
        ("GAIN? MAX,(@1)", "1000"),
        ("MEAS3:VOLT? 5 mV,(@101:103)", "3.000,0.005,101.000,102.000,103.000"),
        ("LIST:LEV 1,-1, 0.5;LEV?", "1,-1,0.5"),
        # blocks
        (b"DATA:ARB #15he\nlo;:FREQ?", "1000"),
        (b"DATA:ARB #206a;b,c\n;ARB?", "#16a;b,c\n"),
        (b"DATA:ARB #0x;y\xff", None),
        ("TRAC?", "#14\n#;\xff"),
        ("SYST:ROUN 7;ROUN?;ROUN 60;ROUN?", "6;6"),
        ("", None),
        (";;", None),
    ],
)
def test_a_message_is_understood_as_the_standards_say(ask: Any, message: str, reply: str | None) -> None:
    assert ask(message) == reply


def test_a_block_of_indefinite_length_goes_to_the_end_of_the_message(ask: Any) -> None:
    ask(b"DATA:ARB #0x;y\xff")
    assert ask("DATA:ARB?") == "#14x;y\xff"


@pytest.mark.parametrize(
    ("message", "errors"),
    [
        ("FOO 1", [-113]),
        ("FREQU 1", [-113]),
        ("MEAS:VOLT 1", [-113]),
        ("FREQ", [-109]),
        ("FREQ 1,2", [-108]),
        ("FREQ? 1", [-108]),
        ("*CLS 1", [-108]),
        ("FREQ abc", [-141]),
        ("FUNC TRI", [-141]),
        ("FUNC 1", [-128]),
        ("FREQ 'a'", [-158]),
        ("FREQ #11a", [-168]),
        ("FREQ (@1)", [-178]),
        ("DISP:TEXT abc", [-148]),
        ('SENS:FUNC "TEMP"', [-224]),
        ("VOLT 1 A", [-131]),
        ("TRIG:COUN 1 V", [-138]),
        ("VOLT 11", [-222]),
        ("VOLT INF", [-222]),
        ("VOLT 1E400", [-222]),
        ("VOLT 1E40000", [-123]),
        ("VOLT 1.2.3", [-121]),
        ("VOLT +", [-121]),
        ("VOLT #HZ", [-121]),
        ("VOLT " + "1" * 300, [-124]),
        ("OUTP3 1", [-114]),
        ("FREQ2 1", [-114]),
        ("GAIN 5,(@4)", [-222]),
        ("GAIN 5,(@1:99999)", [-223]),
        ("GAIN 5,(1)", [-171]),
        ("GAIN 5,(@a)", [-171]),
        ("LIST:LEV 2", [-222]),
        ("DISP:TEXT 'abc", [-151]),
        ("DATA:ARB #9", [-161]),
        ("DATA:ARB #15abc", [-161]),
        ("VOLT ,1", [-102]),
        ("VOLT 1 2", [-103]),
        ("VOLT:", [-111]),
        ("=1", [-102]),
        ("\x80", [-101]),
        ("FREQ 1\x80", [-101]),
        ("ABCDEFGHIJKLM 1", [-112]),
        ("*TRG", [-211]),
        ("SYST:ROUN 60", [-221]),
        # a command error ends the message, an execution error does not
        ("FOO 1;VOLT 11", [-113]),
        ("VOLT 11;VOLT 12", [-222, -222]),
        # the queue has room for four; then the last one says that some are lost
        ("VOLT 11;" * 6, [-222, -222, -222, -350]),
    ],
)
def test_what_is_refused_is_in_the_error_queue_with_the_number_of_the_standard(
    ask: Any, message: str, errors: list[int]
) -> None:
    ask(message)
    assert ask("SYST:ERR:COUN?") == str(len(errors))
    assert [int(ask("SYST:ERR?").split(",")[0]) for _ in errors] == errors
    assert ask("SYST:ERR?") == '0,"No error"'


def test_answers_before_an_error_are_given(ask: Any) -> None:
    assert ask("*IDN?;FOO?;*IDN?") == "ACME,GENERATOR,7,1.0"


def test_what_a_method_was_not_given_is_none_and_the_reset_takes_settings_back(ask: Any) -> None:
    assert ask("MEAS:VOLT?") == "1.000,0.000"
    ask("DISP:TEXT 'kept';:VOLT 5;:OUTP2 ON;*RST")
    assert ask("DISP:TEXT?;:VOLT?;:OUTP2?") == '"kept";0;0'


def test_a_command_with_several_data_gets_them_in_order() -> None:
    device = Generator()
    device.respond(b"SYST:BEEP 1 KHZ,2.4")
    assert device.beeps == (1000.0, 2)


def test_settings_are_attributes_of_the_device() -> None:
    device = Generator()
    device.ceiling = 1.0
    device.respond(b"VOLT 5")
    assert device.voltage == 0.0
    device.voltage = 5.0
    assert device.respond(b"VOLT?") == b"5\n"
    assert device.gain == {1: 1.0, 2: 10.0, 3: 100.0}


def test_a_subclass_overrides_by_name_and_takes_away_with_none() -> None:
    class Quiet(Generator):
        identity = "ACME,QUIET,1,1"
        text = None  # type: ignore[assignment]  # taken away
        count = setting("TRIGger:NUMBer", 3)

        def trace(self) -> bytes:
            return b"mine"

    quiet = Quiet()
    assert quiet.respond(b"*IDN?;TRAC?;:TRIG:NUMB?") == b"ACME,QUIET,1,1;#14mine;3\n"
    for gone in (b"DISP:TEXT?", b"TRIG:COUN?"):
        assert quiet.respond(gone) is None
        assert quiet.respond(b"SYST:ERR?") == b'-113,"Undefined header"\n'
    assert Generator().respond(b"TRIG:COUN?;:TRAC?") == b"1;#14\n#;\xff\n"


@pytest.mark.parametrize("pattern", ["", "volt", "[VOLTage]", "VOLTage::LEVel", "VOLTage[:LEVel[:IMMediate]]", "VOLT?"])
def test_a_header_in_another_notation_is_refused_where_it_is_written(pattern: str) -> None:
    with pytest.raises(DeclarationError, match="is no header"):
        setting(pattern, 0.0)


def test_two_commands_that_the_same_message_means_are_refused() -> None:
    with pytest.raises(DeclarationError, match=r"'VOLTage' and .*SOURce"):

        class Twice(ScpiDevice):
            one = setting("[SOURce:]VOLTage", 0.0)
            two = setting("VOLTage", 0.0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: setting("VOLTage", object()),
        lambda: setting("FUNCtion", "SINUSOID", choices=("SINusoid",)),
        lambda: channel_setting("VOLTage", 0.0),
        lambda: channel_setting("OUTPut[1|2]", 0.0, channels=(1, 2)),
        lambda: query("VOLTage"),
    ],
)
def test_a_declaration_that_cannot_work_says_so(make: Any) -> None:
    with pytest.raises(DeclarationError):
        make()
