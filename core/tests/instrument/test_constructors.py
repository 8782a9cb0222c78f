from __future__ import annotations

import dataclasses
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import attrs
import luthier
import pytest
from luthier import Channel, Instrument, ScpiInstrument, parameter, plugins
from luthier.errors import (
    ClosedError,
    ConnectError,
    DeclarationError,
    NameClashError,
    PluginError,
    ReplyError,
    UnknownPluginError,
    UsageError,
)
from luthier.instrument import instrument as instrument_module
from luthier.testing.wire import DictTransport, expected_exchanges
from luthier.validators import Numbers

T = TypeVar("T")


class Interrupt(KeyboardInterrupt):
    pass


@pytest.mark.parametrize("kind", [RuntimeError, Interrupt, SystemExit])
def test_a_constructor_that_fails_after_opening_closes_the_connection_and_frees_the_name(
    kind: type[BaseException], news: list[str]
) -> None:
    class Failing(Instrument):
        def __init__(self, name: str, **options: Any) -> None:
            super().__init__(name, **options)
            assert self.query("X?") == "1"
            raise kind("no")

    wire = DictTransport({"X": "1"})
    with pytest.raises(kind, match="no"):
        Failing("inst", transport=wire)
    with pytest.raises(ClosedError):
        wire.query(b"X?")
    assert luthier.instruments() == {}
    assert news == []
    Instrument("inst").close()


@pytest.mark.parametrize("kind", [RuntimeError, Interrupt])
def test_a_constructor_that_fails_before_it_opens_frees_nothing_and_breaks_nothing(kind: type[BaseException]) -> None:
    class Early(Instrument):
        def __init__(self, name: str, **options: Any) -> None:
            if name:
                raise kind("too early")
            super().__init__(name, **options)

    wire = DictTransport({"X": "1"})
    with pytest.raises(kind, match="too early"):
        Early("inst", transport=wire)
    assert wire.query(b"X?") == b"1"
    assert luthier.instruments() == {}


@pytest.mark.parametrize("kind", [ConnectError, Interrupt])
def test_a_connection_that_cannot_be_opened_frees_the_name_and_names_the_instrument(
    kind: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(address: str, **_: object) -> None:
        raise ConnectError("nobody is there", who=address, address=address) if kind is ConnectError else kind

    monkeypatch.setattr(instrument_module, "open_transport", fail)
    with pytest.raises(kind) as caught:
        Instrument("smu", "GPIB0::24::INSTR")
    if kind is ConnectError:
        assert str(caught.value) == "smu (GPIB0::24::INSTR): nobody is there."
    assert luthier.instruments() == {}
    Instrument("smu").close()


def test_a_transport_that_no_plugin_serves_is_explained() -> None:
    with pytest.raises(UnknownPluginError, match="carrier-pigeon"):
        Instrument("smu", "carrier-pigeon://loft")
    assert luthier.instruments() == {}


def test_a_second_failure_while_closing_is_a_note_of_the_first() -> None:
    class BadEnd(DictTransport):
        def close(self) -> None:
            super().close()
            raise OSError("the cable was pulled out")

    class Failing(Instrument):
        def __init__(self, name: str, **options: Any) -> None:
            super().__init__(name, **options)
            raise RuntimeError("first")

    with pytest.raises(RuntimeError, match="first") as caught:
        Failing("inst", transport=BadEnd())
    assert caught.value.__notes__ == ["closing the connection failed as well: the cable was pulled out"]
    assert luthier.instruments() == {}


def test_what_a_failed_constructor_handed_out_is_closed() -> None:
    escaped: list[Any] = []

    class Failing(Instrument):
        level = parameter(float, get_cmd="LEV?")

        def __init__(self, name: str, **options: Any) -> None:
            super().__init__(name, **options)
            self.level()
            escaped.append(self)
            raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        Failing("inst", transport=DictTransport({"LEV": "1"}))
    assert escaped[0].closed
    with pytest.raises(ClosedError):
        escaped[0].level()
    escaped[0].close()


def test_a_constructor_that_forgets_the_instrument_s_is_told_so() -> None:
    class Forgetful(Instrument):
        def __init__(self, name: str) -> None:
            self.remembered = name

    with pytest.raises(UsageError, match=r"Forgetful: its __init__ did not call super\(\).__init__\(name, address\)"):
        Forgetful("inst")
    assert luthier.instruments() == {}


@pytest.mark.parametrize(
    "use",
    [
        lambda inst: inst.level(),
        lambda inst: inst.query("X?"),
        lambda inst: inst.write("X"),
        lambda inst: inst.lock().__enter__(),
        lambda inst: inst.channel.level(),
        lambda inst: inst.timeout,
        lambda inst: inst.monitor,
    ],
)
def test_using_an_instrument_before_its_constructor_ran_says_what_is_missing(use: Any) -> None:
    class Hasty(Instrument):
        level = parameter(float, get_cmd="LEV?")

        def __init__(self, name: str) -> None:
            self.channel = Part(self, "channel")
            use(self)
            super().__init__(name)

    with pytest.raises(
        AttributeError, match=r"'Hasty' object has no attribute .*super\(\).__init__\(…\) was not called"
    ):
        Hasty("inst")


class Part(Channel):
    level = parameter(float, get_cmd="LEV?")


def test_what_is_prepared_before_the_constructor_ran_works_afterwards() -> None:
    class Prepared(Instrument):
        level = parameter(float, get_cmd="{prefix}LEV?")

        def __init__(self, name: str, **options: Any) -> None:
            self.prefix = "OUT:"
            self.factor = 2.0
            self.part = Part(self, "part")
            self.add_parameter("double", float, get_cmd=lambda: self.factor * self.level())
            self.add_function("go", "GO")
            assert "Prepared" in repr(self)
            assert not hasattr(self, "nothing")
            super().__init__(name, **options)

    with Prepared("inst", transport=DictTransport({"OUT:LEV": "3", "LEV": "4"})) as inst:
        assert inst["double"].get() == 6.0
        assert inst.part.level() == 4.0
        assert inst.part.level.full_name == "inst.part.level"


def test_a_half_built_instrument_can_be_closed_and_shown() -> None:
    class Careful(Instrument):
        def __init__(self, name: str) -> None:
            try:
                _ = 1 / 0
            except ZeroDivisionError:
                self.close()
                assert self.closed
                assert "Careful" in repr(self)
                assert "Careful" in str(self)
                raise
            super().__init__(name)

    with pytest.raises(ZeroDivisionError):
        Careful("inst")


# Families, mixins and other kinds of classes


class Voltmeter(ABC):
    @abstractmethod
    def read_voltage(self) -> float: ...


class Named(Generic[T]):
    def named(self, value: T) -> tuple[str, T]:
        return type(self).__name__, value


def test_a_driver_implements_abstract_families() -> None:
    class Dmm(Instrument, Voltmeter, Named[int]):
        def read_voltage(self) -> float:
            return 1.5

    class Unfinished(Instrument, Voltmeter):
        pass

    class Rack(Instrument, Sequence[int]):
        def __len__(self) -> int:
            return 3

        def __getitem__(self, index: Any) -> Any:
            return (7, 8, 9)[index]

        __iter__ = Sequence.__iter__  # type: ignore[assignment]  # instruments by themselves are no sequences

    with Dmm("dmm") as dmm:
        assert isinstance(dmm, Voltmeter)
        assert dmm.read_voltage() == 1.5
        assert dmm.named(5) == ("Dmm", 5)
    with pytest.raises(TypeError, match="abstract"):
        Unfinished("dmm")  # type: ignore[abstract]  # which is what is tried
    with Rack("rack") as rack:
        assert list(rack) == [7, 8, 9]
    assert luthier.instruments() == {}


def test_parameters_come_from_mixins_and_all_bases_in_their_order() -> None:
    class Leveled:
        level = parameter(float, get_cmd="LEV?", set_cmd="LEV {}", validator=Numbers(0, 1))

    class Timed(Instrument):
        delay = parameter(float, set_cmd="DEL {}")

    class Both(Leveled, Timed):
        own = parameter(int, get_cmd="OWN?")

    class Narrow(Both):
        level = Both.level.replace(validator=Numbers(0, 0.5))

    assert list(Both.declared_parameters) == ["delay", "level", "own"]
    assert list(Narrow.declared_parameters) == ["delay", "level", "own"]
    with Narrow("narrow", transport=DictTransport()) as narrow, pytest.raises(ValueError, match=r"0 to 0\.5"):
        narrow.level(0.75)


def test_a_parameter_that_would_hide_what_the_base_means_is_refused_when_the_class_is_made() -> None:
    for name in (
        "close",
        "query",
        "address",
        "idn",
        "name",
        "parameters",
        "opened_at",
        "metadata",
        "who",
        "lock",
        "timeout",
    ):
        with pytest.raises(DeclarationError, match=f"the parameter '{name}' would hide"):
            type("Bad", (Instrument,), {name: parameter(float)})


def test_a_dataclass_mixin_brings_fields_along() -> None:
    @dataclasses.dataclass
    class Settings:
        gain: float = 2.0

    class Amplifier(Settings, Instrument):
        level = parameter(float, get_cmd="LEV?")

        def __init__(self, name: str, gain: float = 3.0, **options: Any) -> None:
            Settings.__init__(self, gain)
            Instrument.__init__(self, name, **options)

        @parameter
        def amplified(self) -> float:
            return self.gain * self.level()

    with Amplifier("amp", gain=10.0, transport=DictTransport({"LEV": "0.5"})) as amp:
        assert amp.amplified() == 5.0
        assert luthier.instruments() == {"amp": amp}


def test_an_attrs_mixin_brings_fields_along() -> None:
    @attrs.define(slots=False, init=False)
    class Settings:
        gain: float = 2.0

    class Amplifier(Settings, Instrument):
        def __init__(self, name: str, **options: Any) -> None:
            Instrument.__init__(self, name, **options)
            self.__attrs_init__(4.0)

    with Amplifier("amp") as amp:
        assert amp.gain == 4.0


def test_a_dataclass_whose_made_constructor_opens_nothing_is_told_so() -> None:
    @dataclasses.dataclass
    class Wrong(Instrument):
        gain: float = 2.0

    with pytest.raises(UsageError, match="Wrong: its __init__ did not call"):
        Wrong(3.0)
    assert luthier.instruments() == {}


class Checksummed(Instrument):
    """A protocol of its own: every message and reply ends with the sum of its bytes."""

    level = parameter(float, get_cmd="L?", set_cmd="L {}")

    def write(self, command: str) -> None:
        super().write(self._signed(command))

    def query(self, command: str) -> str:
        reply = super().query(self._signed(command))
        text, _, total = reply.rpartition("*")
        if total != str(sum(map(ord, text)) % 256):
            raise ReplyError(f"the checksum of {reply!r} is wrong", reply=reply, command=command, expected="checksum")
        return text

    @staticmethod
    def _signed(text: str) -> str:
        return f"{text}*{sum(map(ord, text)) % 256}"


def test_a_driver_with_a_protocol_of_its_own_overrides_write_and_query() -> None:
    signed = Checksummed._signed
    exchanges = [
        (signed("L?"), signed("2.5")),
        (signed("LEV?"), signed("7")),
        (signed("L 1.5"), None),
        (signed("L?"), "2.5*0"),
    ]
    with expected_exchanges(Checksummed, exchanges, name="inst") as inst:
        part = Part(inst, "part")
        assert inst.level() == 2.5
        assert part.level() == 7.0
        inst.level(1.5)
        with pytest.raises(ReplyError, match=r"inst\.level \(scripted://\): the checksum of '2\.5\*0' is wrong"):
            inst.level()


def test_a_scpi_driver_that_overrides_query_reads_its_error_queue_the_same_way() -> None:
    class Addressed(ScpiInstrument):
        level = parameter(float, get_cmd="LEV?", set_cmd="LEV {}")

        def write(self, command: str) -> None:
            super().write(f"@5{command}")

        def query(self, command: str) -> str:
            return super().query(f"@5{command}").removeprefix("@5")

    wire = DictTransport({"@5LEV": "@52", "@5SYST:ERR": '@50,"No error"'})
    with Addressed("inst", transport=wire) as inst:
        inst.level(1.5)
        assert wire.log == ["@5LEV 1.5", "@5SYST:ERR?"]


def test_a_server_that_is_not_installed_is_explained_before_anything_is_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LUTHIER_DISABLE", "luthier-servers")
    plugins.refresh()
    wire = DictTransport({"X": "1"})
    with pytest.raises(PluginError):
        Instrument("inst", transport=wire, server_name="nobody")
    assert wire.query(b"X?") == b"1"
    monkeypatch.undo()
    plugins.refresh()


def test_a_clash_is_told_to_the_thread_that_causes_it_only() -> None:
    first = Instrument("inst")
    failures: list[BaseException] = []

    def clash() -> None:
        try:
            ScpiInstrument("inst")
        except NameClashError as error:
            failures.append(error)

    thread = threading.Thread(target=clash)
    thread.start()
    thread.join(10)
    assert len(failures) == 1
    assert not first.closed
