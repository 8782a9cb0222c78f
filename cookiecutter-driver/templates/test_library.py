"""The driver through the maker's library; a library in its place keeps what it is told."""

from __future__ import annotations

import sys
from types import ModuleType

import luthier
import pytest
from luthier.errors import ConnectError, ConnectionLostError

from {{ cookiecutter.package }}.library import LIBRARY

DRIVER = "{{ cookiecutter.driver_id }}"
ADDRESS = "{{ cookiecutter.scheme }}://0042"


class Device:
    """What the library gives for an open device."""

    serial = "0042"
    firmware = "1.0"
    averages = 1
    speed = 0
    level = 0.0
    limit = 0.1
    output = False
    unplugged = False
    closed = False

    def set_averages(self, count: int) -> None:
        self.averages = count

    def set_speed(self, speed: int) -> None:
        self.speed = speed

    def set_level(self, volts: float) -> None:
        self.level = volts

    def set_limit(self, amperes: float) -> None:
        self.limit = amperes

    def set_output(self, on: bool) -> None:
        self.output = on

    def read_current(self) -> float:
        if self.unplugged:
            raise OSError("no such device")
        return self.level / 1000 * self.output

    def read_temperature(self) -> float:
        return 300.0

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Device:
    found = Device()
    library = ModuleType(LIBRARY)
    vars(library)["open"] = {"0042": found}.__getitem__
    monkeypatch.setitem(sys.modules, LIBRARY, library)
    return found


def test_every_message_of_the_driver_is_a_call(device: Device) -> None:
    with luthier.open(DRIVER, ADDRESS, name="source") as source:
        assert source.idn.serial == "0042"
        values = {"averages": 4, "speed": "fast", "output.voltage": 2.0, "output.on": True}
        for path, value in values.items():
            source.set(path, value)
            assert source.get(path) == value
        assert source.current() == 0.002
        assert source.temperature() == 300.0
    assert device.closed


def test_a_device_that_is_unplugged_is_a_lost_connection(device: Device) -> None:
    with luthier.open(DRIVER, ADDRESS, name="source") as source:
        device.unplugged = True
        with pytest.raises(ConnectionLostError):
            source.current()
    assert device.closed


def test_without_the_library_it_says_what_to_install() -> None:
    with pytest.raises(ConnectError, match=f"can import {LIBRARY}"):
        luthier.open(DRIVER, ADDRESS, name="source")
