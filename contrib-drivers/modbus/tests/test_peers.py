"""The driver meets the server of pymodbus, and the simulator its client."""

from __future__ import annotations

import asyncio
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import InstrumentReportedError, ResponseTimeoutError
from luthier_modbus.controller import ModbusController
from luthier_modbus.simulated.controller import SimulatedModbus
from luthier_sim import serve
from pymodbus import FramerType
from pymodbus.client import ModbusTcpClient
from pymodbus.datastore import ModbusDeviceContext, ModbusSequentialDataBlock, ModbusServerContext
from pymodbus.server import ModbusTcpServer

if TYPE_CHECKING:
    from collections.abc import Iterator

FRAMERS = {"tcp": FramerType.SOCKET, "rtu": FramerType.RTU}
UNIT = 7
EXISTING = 300


@contextmanager
def pymodbus_serves(framing: str) -> Iterator[int]:
    """Serve 300 registers, coils and inputs as unit 7 in another thread; gives the port."""
    started, loop, ports = threading.Event(), asyncio.new_event_loop(), []
    running: list[Any] = []

    async def run() -> None:
        block: Any = ModbusSequentialDataBlock
        blocks = {name: block(1, [0] * EXISTING) for name in ("di", "co", "ir", "hr")}
        context = ModbusServerContext({UNIT: ModbusDeviceContext(**blocks)}, single=False)
        server: Any = ModbusTcpServer(context, framer=FRAMERS[framing], address=("127.0.0.1", 0))
        running.append(server)
        await server.serve_forever(background=True)
        ports.append(server.transport.sockets[0].getsockname()[1])
        started.set()
        await server.serving

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    try:
        assert started.wait(20)
        yield ports[0]
    finally:
        asyncio.run_coroutine_threadsafe(running[0].shutdown(), loop).result(20)
        thread.join(20)
        loop.close()


@pytest.mark.parametrize("framing", FRAMERS)
def test_pymodbus_understands_the_driver(framing: str) -> None:
    with (
        pymodbus_serves(framing) as port,
        ModbusController("device", f"tcp://127.0.0.1:{port}", unit=UNIT, framing=framing) as device,
    ):
        device.write_registers(3, [65535])
        device.write_registers(10, list(range(100)))
        assert device.read_registers(3).tolist() == [65535]
        assert device.read_registers(8, 104).tolist() == [0, 0, *range(100), 0, 0]
        assert device.read_registers(0, 125, area="input").tolist() == [0] * 125
        device.write_bits(5, [True])
        device.write_bits(20, [True, False, True, True, False, False, True, True, True, False, True])
        assert device.read_bits(5).tolist() == [True]
        assert "".join(map(str, map(int, device.read_bits(19, 13)))) == "0101100111010"
        assert not device.read_bits(0, EXISTING, area="discrete").any()
        with pytest.raises(InstrumentReportedError, match=r"exception 2, it has no such address.*count from 1"):
            device.read_registers(EXISTING)
        assert device.read_registers(12).tolist() == [2]


def test_a_unit_that_is_not_there_does_not_answer_and_the_next_one_does() -> None:
    simulated = SimulatedModbus()
    simulated.silent_units.add(9)
    with (
        serve(simulated, port=0) as served,
        luthier.open("modbus.table", f"tcp://127.0.0.1:{served.port}", name="device", unit=9, timeout=0.2) as device,
    ):
        with pytest.raises(ResponseTimeoutError):
            device.read_registers(0)
        device.unit = UNIT
        assert device.read_registers(0).tolist() == [0]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_a_serial_line_is_spoken_to_in_rtu() -> None:
    simulated = SimulatedModbus()
    with (
        serve(simulated, pty=True) as served,
        luthier.open("modbus.table", served.address, name="device", transport_options={"parity": "none"}) as device,
    ):
        device.write_registers(3, [1, 2, 65535])
        assert (device.framing, device.read_registers(2, 5).tolist()) == ("rtu", [0, 1, 2, 65535, 0])
        simulated.lacking.add(9)
        with pytest.raises(InstrumentReportedError, match=r"^device \(ASRL.*exception 2"):
            device.read_registers(9)
        assert device.read_bits(0).tolist() == [False]


@pytest.mark.parametrize("framing", FRAMERS)
def test_the_simulator_understands_the_client_of_pymodbus(framing: str) -> None:
    device = SimulatedModbus()
    device.lacking.add(400)
    with serve(device, port=0) as served:
        assert served.port
        client: Any = ModbusTcpClient("127.0.0.1", port=served.port, framer=FRAMERS[framing], retries=0)
        try:
            assert client.connect()
            assert client.write_registers(10, [1, 2, 65535], device_id=4).registers == []
            client.write_register(13, 4, device_id=4)
            assert client.read_holding_registers(9, count=5, device_id=4).registers == [0, 1, 2, 65535, 4]
            device.input[0] = 77
            assert client.read_input_registers(0, device_id=4).registers == [77]
            client.write_coils(0, [True, False, True], device_id=4)
            client.write_coil(9, True, device_id=4)
            assert client.read_coils(0, count=10, device_id=4).bits[:10] == [True, False, True, *[False] * 6, True]
            assert client.read_discrete_inputs(0, count=3, device_id=4).bits[:3] == [False] * 3
            refused = client.read_holding_registers(399, count=2, device_id=4)
            assert refused.isError()
            assert refused.exception_code == 2
        finally:
            client.close()
