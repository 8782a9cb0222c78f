from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from luthier import Instrument
from luthier.errors import (
    BrokenPluginError,
    ClosedError,
    ConfigurationError,
    ConnectionFaultError,
    ConnectionLostError,
    OutOfStepError,
    ResponseTimeoutError,
    UnknownPluginError,
    UsageError,
    ValidationError,
)
from luthier.transport import Transport, transport_plugin_for
from luthier_sim import open_simulated, reset_simulators
from luthier_sim.definition_schema import DefinitionWarning

if TYPE_CHECKING:
    from pathlib import Path

SHORT = 0.05  # seconds


def test_a_simulator_of_an_installed_package_is_opened_by_the_id_of_its_driver(acme: Path, opened: Any) -> None:
    assert acme.is_dir()
    transport = opened(open_simulated("sim://acme.lamp"))
    assert isinstance(transport, Transport)
    assert transport.address == "sim://acme.lamp"
    assert transport.query(b"*IDN?") == b"ACME,LAMP,1,0"


@pytest.mark.usefixtures("acme")
def test_the_same_label_is_the_same_device_and_keeps_its_state(opened: Any) -> None:
    with_label = open_simulated("sim://acme.lamp/left")
    with_label.write(b"POW 42")
    with_label.close()
    again = opened(open_simulated("sim://acme.lamp/left"))
    assert again.query(b"POW?") == b"42.000000"
    assert opened(open_simulated("sim://ACME.Lamp/left")).query(b"POW?") == b"42.000000"


@pytest.mark.usefixtures("acme")
def test_another_label_is_another_device(opened: Any) -> None:
    devices = [opened(open_simulated(f"sim://acme.lamp{label}")) for label in ("", "/left", "/right", "/a%2Fb")]
    for number, device in enumerate(devices):
        device.write(b"POW %d" % (number + 10))
    assert [device.query(b"POW?") for device in devices] == [b"10.000000", b"11.000000", b"12.000000", b"13.000000"]
    assert len({id(device.lock) for device in devices}) == len(devices)


@pytest.mark.usefixtures("acme")
def test_two_connections_to_one_device_share_its_lock(opened: Any) -> None:
    one, two = (opened(open_simulated("sim://acme.lamp")) for _ in range(2))
    assert one.lock is two.lock


@pytest.mark.usefixtures("acme")
def test_a_reset_puts_devices_back_and_cuts_off_who_is_connected(opened: Any) -> None:
    transport = opened(open_simulated("sim://acme.lamp"))
    transport.write(b"POW 7")
    assert transport.query(b"POW?") == b"7.000000"
    reset_simulators()
    with pytest.raises(ConnectionLostError):
        transport.query(b"POW?")
    assert opened(open_simulated("sim://acme.lamp")).query(b"POW?") == b"1.500000"


def test_a_file_of_ones_own_is_opened_by_its_path(lamp_file: Path, opened: Any, monkeypatch: Any) -> None:
    monkeypatch.chdir(lamp_file.parent)
    monkeypatch.setenv("HOME", str(lamp_file.parent))
    monkeypatch.setenv("USERPROFILE", str(lamp_file.parent))
    opened(open_simulated(f"sim://{lamp_file.as_posix()}")).write(b"POW 3")
    for address in (f"sim:///{lamp_file.as_posix().lstrip('/')}", "sim://./lamp.yaml", "sim://~/lamp.yaml"):
        assert transport_plugin_for(address) == "sim"
        assert opened(open_simulated(address)).query(b"POW?") == b"3.000000"
    assert opened(open_simulated("sim://./lamp.yaml?label=other")).query(b"POW?") == b"1.500000"


def test_one_of_several_resources_of_a_file_is_chosen(two_lamps_file: Path, opened: Any) -> None:
    address = f"sim://{two_lamps_file.as_posix()}".replace(" ", "%20")
    gpib = opened(open_simulated(f"{address}?resource=GPIB0::1::INSTR"))
    serial = opened(
        open_simulated(f"{address}?resource=ASRL1::INSTR", write_termination="\r\n", read_termination="\r\n")
    )
    gpib.write(b"POW 3")
    assert (gpib.query(b"POW?"), serial.query(b"POW?")) == (b"3.000000", b"1.500000")
    serial.write(b"*IDN?")
    assert serial.read_exactly(4) == b"ACME"
    assert serial.read() == b",LAMP,1,0"


def test_a_file_with_several_resources_must_be_asked_for_one(two_lamps_file: Path) -> None:
    address = f"sim://{two_lamps_file.as_posix()}"
    with pytest.raises(UsageError, match=r"but 2.*GPIB0::1::INSTR, ASRL1::INSTR; say which by \?resource="):
        open_simulated(address)
    with pytest.raises(UsageError, match="defines no GPIB0::5::INSTR"):
        open_simulated(f"{address}?resource=GPIB::5")


def test_bytes_that_are_no_ascii_pass_through(lamp_file: Path, opened: Any) -> None:
    transport = opened(open_simulated(f"sim://{lamp_file.as_posix()}"))
    assert transport.query(b"UNIT?") == "µW".encode()


def test_a_missing_reply_times_out_and_the_next_query_is_in_step(lamp_file: Path, opened: Any) -> None:
    transport = opened(open_simulated(f"sim://{lamp_file.as_posix()}", timeout=SHORT))
    with pytest.raises(ResponseTimeoutError, match=r"no reply within 0.05 s to 'QUIET'.*next query is in step"):
        transport.query(b"QUIET")
    assert transport.query(b"POW?") == b"1.500000"


def test_the_answer_to_an_unknown_command_is_not_taken_for_the_next_one(lamp_file: Path, opened: Any) -> None:
    transport = opened(open_simulated(f"sim://{lamp_file.as_posix()}"))
    transport.write(b"POWR 5")
    with pytest.raises(OutOfStepError, match=r"waiting before 'POW\?' was sent: 'ERROR"):
        transport.query(b"POW?")
    assert transport.query(b"POW?") == b"1.500000"


def test_a_wrong_write_termination_does_not_spoil_the_device(lamp_file: Path, opened: Any) -> None:
    address = f"sim://{lamp_file.as_posix()}"
    wrong = opened(open_simulated(address, timeout=SHORT, write_termination="\r"))
    with pytest.raises(ResponseTimeoutError, match="write_termination"):
        wrong.query(b"POW?")
    wrong.clear()
    assert opened(open_simulated(address)).query(b"POW?") == b"1.500000"


def test_a_wrong_read_termination_still_ends_where_the_interface_says(lamp_file: Path, opened: Any) -> None:
    transport = opened(open_simulated(f"sim://{lamp_file.as_posix()}", read_termination="\r\n"))
    assert transport.query(b"POW?") == b"1.500000\n"


def test_whatever_the_simulator_raises_is_told_and_the_next_query_is_in_step(lamp_file: Path, opened: Any) -> None:
    transport = opened(open_simulated(f"sim://{lamp_file.as_posix()}"))
    with pytest.raises(ConnectionFaultError, match=r"'BREAK\?' failed: Exception: pyvisa-sim: Wrong RANDOM"):
        transport.query(b"BREAK?")
    assert transport.query(b"POW?") == b"1.500000"
    with pytest.raises(ConnectionFaultError, match="UnicodeDecodeError"):
        transport.query(b"\xff?")
    assert transport.query(b"POW?") == b"1.500000"


def test_clear_throws_away_what_was_not_read(lamp_file: Path, opened: Any) -> None:
    transport = opened(open_simulated(f"sim://{lamp_file.as_posix()}"))
    transport.write(b"POW?")
    transport.clear()
    assert transport.query(b"COL?") == b"1"


def test_closing_twice_is_fine_and_everything_after_it_is_refused(lamp_file: Path) -> None:
    transport = open_simulated(f"sim://{lamp_file.as_posix()}")
    transport.close()
    transport.close()
    with pytest.raises(ClosedError):
        transport.query(b"POW?")


def test_a_reply_is_read_in_parts(lamp_file: Path, opened: Any) -> None:
    transport = opened(open_simulated(f"sim://{lamp_file.as_posix()}"))
    transport.write(b"*IDN?")
    assert transport.read_exactly(5) == b"ACME,"
    assert transport.read() == b"LAMP,1,0"


@pytest.mark.parametrize("shared", [True, False], ids=["one connection", "two connections"])
def test_two_threads_get_their_own_answers(lamp_file: Path, opened: Any, shared: bool) -> None:
    address = f"sim://{lamp_file.as_posix()}"
    first = opened(open_simulated(address))
    second = first if shared else opened(open_simulated(address))
    wrong: list[tuple[bytes, bytes]] = []

    def ask(transport: Any, question: bytes, answer: bytes) -> None:
        for _ in range(1000):
            reply = transport.query(question)
            if reply != answer:
                wrong.append((question, reply))

    threads = [
        threading.Thread(target=ask, args=(first, b"POW?", b"1.500000")),
        threading.Thread(target=ask, args=(second, b"COL?", b"1")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.usefixtures("acme")
def test_two_threads_read_two_parameters_of_one_instrument_a_thousand_times_each() -> None:
    wrong: list[object] = []
    with Instrument("lamp", "sim://acme.lamp") as lamp:
        power = lamp.add_parameter("power", get_cmd="POW?", get_parser=float, set_cmd=False)
        colour = lamp.add_parameter("colour", get_cmd="COL?", get_parser=int, set_cmd=False)

        def read(parameter: Any, expected: object) -> None:
            for _ in range(1000):
                value = parameter.get()
                if value != expected:
                    wrong.append(value)

        threads = [
            threading.Thread(target=read, args=(power, 1.5)),
            threading.Thread(target=read, args=(colour, 1)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


@pytest.mark.usefixtures("acme")
def test_a_simulator_in_python_is_connected_by_its_label() -> None:
    transport: Any = open_simulated("sim://acme.python/left", timeout=3)
    assert (transport.label, transport.timeout) == ("left", 3)


# ------------------------------------------------------------------ what can be wrong


@pytest.mark.usefixtures("acme")
def test_an_id_that_nobody_provides_is_unknown() -> None:
    with pytest.raises(UnknownPluginError, match=r"acme\.lmap"):
        open_simulated("sim://acme.lmap")


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(
    ("simulator", "match"),
    [
        ("acme.absent", r"package 'luthier_acme' has no file 'nowhere.yaml'"),
        ("acme.elsewhere", r"'luthier_no_such_package'.* is not installed"),
        ("acme.other", r"defines no GPIB0::7::INSTR"),
        ("acme.wrong", r"wrong.yaml, line 8: .*'dialogs'.*Did you mean 'dialogues'\?"),
        ("acme.nonsense", r"5 is neither a PyvisaSimDefinition nor an object with connect\(\)"),
        ("acme.class", r"neither a PyvisaSimDefinition nor an object with connect\(\)"),
    ],
)
def test_a_simulator_that_does_not_work_is_told_with_its_distribution(simulator: str, match: str) -> None:
    with pytest.raises(BrokenPluginError, match=match) as caught:
        open_simulated(f"sim://{simulator}")
    assert caught.value.distribution == "luthier-acme"
    assert caught.value.name == simulator


@pytest.mark.parametrize(
    ("address", "match"),
    [
        ("sim://", "names no simulator"),
        ("sim:///", "names no simulator"),
        ("sim://?resource=GPIB0::1::INSTR", "names no simulator"),
        ("sim://acme.lamp?label=left", "only the address of a file"),
        ("sim://./lamp.yaml?labl=left", r"no 'labl' to ask for.*Did you mean 'label'\?"),
        ("sim://./lamp.yaml?label=a&label=b", "'label' is given twice"),
        ("GPIB0::1::INSTR", "not the address of a simulated instrument"),
    ],
)
def test_an_address_of_another_form_is_refused_with_the_forms(address: str, match: str) -> None:
    with pytest.raises(UsageError, match=match) as caught:
        open_simulated(address)
    assert "sim://keithley.2400/left" in str(caught.value)


def test_options_are_refused(lamp_file: Path) -> None:
    with pytest.raises(UsageError, match="no option 'baud_rate': there are none"):
        open_simulated(f"sim://{lamp_file.as_posix()}", options={"baud_rate": 9600})


def test_a_wrong_timeout_or_termination_is_refused_before_anything_is_opened(lamp_file: Path) -> None:
    address = f"sim://{lamp_file.as_posix()}"
    with pytest.raises(ValidationError, match="timeout cannot be -1"):
        open_simulated(address, timeout=-1)
    with pytest.raises(ValidationError, match="read_termination"):
        open_simulated(address, read_termination="→")


@pytest.mark.parametrize(
    ("change", "line", "match"),
    [
        (('{q: "QUIET"}', '{r: "QUIET"}'), 11, "has no 'q'"),
        (('- {q: "QUIET"}', "- QUIET"), 11, "must be a mapping"),
        (("error: ERROR", "error: [ERROR]"), 7, "must be a mapping"),
        (("    eom:", "    eom: 5\n    oem:"), 4, "'eom' of the device 'lamp' must be a mapping"),
        (('q: "COL?"', 'q: ["COL?"]'), 21, "'q' of 'getter' of the property 'colour' must be one text or number"),
        (('      - {q: "*IDN?"', '      - {q: "*IDN?'), None, "this is not YAML"),
        (("        default: 1.5", "       default: 1.5"), None, "this is not YAML"),
        (
            ("type: float, min: 0", "type: flaot, min: 0"),
            None,
            r"malformed property power: Invalid property type 'flaot'",
        ),
        (("default: 1.5", "default: 1000"), None, r"malformed property power: .*more than the maximum"),
        (("device: lamp", "device: lmap"), None, "'lmap' is not defined"),
        (('"1.1"', '"9.1"'), None, "Please update pyvisa-sim"),
        (("GPIB0::1::INSTR:", "GPIB0::INSTR::1:"), None, "GPIB0::INSTR::1"),
    ],
)
def test_a_mistake_in_a_file_is_told_with_file_and_line(
    lamp_file: Path, change: tuple[str, str], line: int | None, match: str
) -> None:
    text = lamp_file.read_text(encoding="utf-8")
    assert change[0] in text
    lamp_file.write_text(text.replace(*change, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=match) as caught:
        open_simulated(f"sim://{lamp_file.as_posix()}")
    assert caught.value.file == str(lamp_file.resolve())
    assert str(lamp_file.resolve()) in str(caught.value)
    if line is not None:
        assert caught.value.line == line


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (("    dialogues:", "    dialogs:"), r"line 8: the device 'lamp' has a key 'dialogs'"),
        (("getter: {q:", "gettr: {q:"), r"line 16: the property 'power' has a key 'gettr'.*Did you mean 'getter'\?"),
        (('r: "ACME,LAMP,1,0"', 'type: str, r: "ACME,LAMP,1,0"'), r"a dialogue .* has a key 'type'.* has no effect\."),
    ],
)
def test_what_has_no_effect_in_a_file_is_warned_of_and_the_rest_works(
    lamp_file: Path, change: tuple[str, str], match: str, opened: Any
) -> None:
    text = lamp_file.read_text(encoding="utf-8")
    assert change[0] in text
    lamp_file.write_text(text.replace(*change, 1), encoding="utf-8")
    with pytest.warns(DefinitionWarning, match=match):
        transport = opened(open_simulated(f"sim://{lamp_file.as_posix()}"))
    assert transport.query(b"COL?") == b"1"


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "it is empty"),
        (b"# nothing\n", "it is empty"),
        (b"- 1\n", "the file must be a mapping"),
        (b'spec: "1.1"\n', "the file has no 'resources'"),
        (b'spec: "\xb5"\n', r"not UTF-8 text \(byte 7 is 0xb5\)"),
    ],
)
def test_a_file_that_defines_nothing_is_refused(tmp_path: Path, content: bytes, match: str) -> None:
    file = tmp_path / "file.yaml"
    file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=match):
        open_simulated(f"sim://{file.as_posix()}")


def test_a_file_without_devices_defines_no_resource(tmp_path: Path) -> None:
    file = tmp_path / "file.yaml"
    file.write_text('spec: "1.1"\nresources: {}\n', encoding="utf-8")
    with pytest.raises(UsageError, match="does not define one resource, but 0"):
        open_simulated(f"sim://{file.as_posix()}")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.yaml: there is no such file"):
        open_simulated(f"sim://{(tmp_path / 'nowhere.yaml').as_posix()}")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        open_simulated(f"sim://{tmp_path.as_posix()}")


def test_a_file_that_was_mended_can_be_opened(lamp_file: Path, opened: Any) -> None:
    text = lamp_file.read_text(encoding="utf-8")
    lamp_file.write_text(text.replace("resources", "ressources"), encoding="utf-8")
    with pytest.warns(DefinitionWarning), pytest.raises(ConfigurationError):
        open_simulated(f"sim://{lamp_file.as_posix()}")
    lamp_file.write_text(text.replace("error: ERROR", "error: [ERROR]"), encoding="utf-8")
    with pytest.raises(ConfigurationError):
        open_simulated(f"sim://{lamp_file.as_posix()}")
    lamp_file.write_text(text, encoding="utf-8")
    assert opened(open_simulated(f"sim://{lamp_file.as_posix()}")).query(b"COL?") == b"1"


def test_the_definition_that_comes_with_pyvisa_sim_passes_the_check(opened: Any) -> None:
    from pathlib import Path  # noqa: PLC0415 - the same

    import pyvisa_sim  # noqa: PLC0415 - for this test alone

    file = Path(pyvisa_sim.__file__).with_name("default.yaml")
    transport = opened(open_simulated(f"sim://{file.as_posix()}?resource=GPIB0::9::INSTR"))
    assert transport.query(b"*IDN?") == b"SCPI,MOCK,VERSION_1.0"
