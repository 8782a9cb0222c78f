"""What goes wrong between processes: each failure is really made, told in words, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import (
    BusyError,
    ConfigurationError,
    ConnectError,
    ConnectionLostError,
    NameClashError,
    ResponseTimeoutError,
    UnknownNameError,
    UsageError,
)
from luthier_servers import local

from .lab import Base, Broken, Meta, NeverBuilt, Ramp, SlowBase, Source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATIENCE = 10.0

unix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send")


def eventually(holds: Callable[[], object], *, within: float = PATIENCE) -> None:
    """Wait until something holds, and no longer."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.005)


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:  # noqa: PTH123 - of the system
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def busy(server: Any, name: str) -> Any:
    return server.ping()["instruments"][name]["busy"]


class Script:
    """Another process of the same user."""

    def __init__(self, text: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(text)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def kill(self) -> None:
        self.process.kill()
        self.end()

    def end(self) -> None:
        out, _ = self.process.communicate(timeout=PATIENCE)
        del out


# The server is killed


@unix
def test_a_server_killed_while_idle_is_told_with_the_next_call(folder: Path) -> None:
    with Source("src", server_name="foo") as source:
        server = source.server
        os.kill(server.pid, signal.SIGKILL)
        eventually(lambda: server.state == "down", within=2)
        eventually(lambda: not source.voltage.cache.valid)
        with pytest.raises(ConnectError, match=r"foo: there is no server of that name.* server\.restart\(\)") as caught:
            source.voltage.get()
        assert caught.value.sent == "no"
        eventually(lambda: list(folder.iterdir()) == [])  # without anybody's doing
        source.server.restart()  # what the error says, from the proxy alone
        assert source.voltage.get() == 1.0


@unix
def test_a_server_killed_while_clients_in_other_processes_wait_is_told_to_them_too(folder: Path) -> None:
    with Source("src", server_name="foo") as source:
        client = Script("""
            import luthier
            src = luthier.connect("foo", "src")
            print("go", flush=True)
            try:
                src.hang()
            except luthier.errors.ConnectionLostError as error:
                print(error.sent, error, flush=True)
        """)
        server = source.server
        assert client.line() == "go"
        eventually(lambda: "call src.hang" in str(busy(server, "src")))
        waiting = Script("""
            import luthier
            src = luthier.connect("foo", "src")
            print("go", flush=True)
            try:
                src.voltage.set(0.5)
            except luthier.errors.ConnectionFaultError as error:
                print(type(error).__name__, flush=True)
        """)
        assert waiting.line() == "go"
        eventually(lambda: server.ping()["clients"] == 3)
        os.kill(server.pid, signal.SIGKILL)
        assert client.line().startswith(
            "maybe src.hang (server foo): the server 'foo' ended while it was asked to call"
        )
        assert waiting.line() in ("ConnectionLostError", "ConnectError")
        client.end()
        waiting.end()
        eventually(lambda: list(folder.iterdir()) == [])


@unix
def test_a_server_killed_while_it_builds_an_instrument_is_told_and_can_be_started_again(
    folder: Path, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    with ThreadPoolExecutor(1) as pool:
        building = pool.submit(NeverBuilt, "slow", str(begun), server_name="foo")
        eventually(begun.exists)
        os.kill(int(begun.read_text()), signal.SIGKILL)
        error = building.exception(PATIENCE)
    assert isinstance(error, ConnectionLostError)
    assert "ended while it was asked to create" in str(error)
    eventually(lambda: list(folder.iterdir()) == [])
    with Source("src", server_name="foo") as source:
        assert source.voltage.get() == 1.0


@unix
@pytest.mark.usefixtures("folder")
def test_a_server_killed_while_it_serves_is_told_at_once_to_all_who_wait() -> None:
    with Source("src", server_name="foo") as source, ThreadPoolExecutor(2) as pool:
        server = source.server
        hanging = pool.submit(source.hang)
        eventually(lambda: busy(server, "src"))
        waiting = pool.submit(source.voltage.set, 0.5)
        eventually(lambda: server.ping()["calls"] and True)
        killed = time.monotonic()
        os.kill(server.pid, signal.SIGKILL)
        for call in (hanging, waiting):
            error = call.exception(PATIENCE)
            assert isinstance(error, (ConnectionLostError, ConnectError))
        assert time.monotonic() - killed < 2
        error = hanging.exception()
        assert isinstance(error, ConnectionLostError)
        assert "the server 'foo' ended while it was asked to call src.hang" in str(error)
        assert error.sent == "maybe"


@unix
@pytest.mark.usefixtures("folder")
def test_a_server_that_was_killed_is_brought_back_with_its_instruments() -> None:
    with Source("src", server_name="foo") as source, Base("one", server_name="foo") as one:
        server = source.server
        one["x"].set(5)
        old = server.pid
        os.kill(old, signal.SIGKILL)
        eventually(lambda: is_gone(old) or server.state == "down")
        server.restart()
        assert server.pid != old
        assert source.voltage.get() == 1.0
        assert one["x"].get() == 0  # built anew
        source.voltage.set(0.5)
        assert source.voltage.get() == 0.5


@unix
@pytest.mark.slow
@pytest.mark.usefixtures("folder")
def test_an_instrument_whose_driver_hangs_is_named_and_the_others_go_on() -> None:
    with Source("src", server_name="foo") as source, Base("one", server_name="foo") as one:
        proxy: Any = source
        proxy.deadline = 0.2
        with pytest.raises(
            ResponseTimeoutError, match=r"src\.hang \(server foo\): no answer came within 0\.2 s"
        ) as caught:
            source.hang()
        number = caught.value.call  # type: ignore[attr-defined]  # data of the error
        server = proxy.server
        assert server.outcome(number) == "running"
        assert "call src.hang" in busy(server, "src")["what"]
        assert one["x"].get() == 0
        with pytest.raises(ResponseTimeoutError):
            source.voltage.get()
        proxy.deadline = None
        server.restart()
        assert source.voltage.get() == 1.0


@unix
@pytest.mark.slow
@pytest.mark.usefixtures("folder")
def test_ctrl_c_ends_the_wait_and_the_connection_stays_in_step() -> None:
    with Source("src", server_name="foo") as source, Base("one", server_name="foo") as one:
        server = source.server

        def interrupt() -> None:
            eventually(lambda: busy(server, "src"))
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

        thread = threading.Thread(target=interrupt)
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            source.hang()
        thread.join()
        assert one["x"].get() == 0
        assert server.names() == ["src", "one"]
        server.restart()


@unix
@pytest.mark.usefixtures("folder")
def test_ctrl_c_stops_a_ramp_where_it_is() -> None:
    with Ramp("mag", server_name="foo") as magnet:
        server = magnet.server

        def interrupt() -> None:
            eventually(lambda: busy(server, "mag"))
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

        thread = threading.Thread(target=interrupt)
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            magnet.level.set(100.0)
        thread.join()
        eventually(lambda: busy(server, "mag") is None)
        assert 0.0 <= magnet.level.get() < 50.0


@pytest.mark.usefixtures("folder")
def test_a_call_that_was_given_up_while_it_waited_is_not_begun() -> None:
    with Source("src", server_name="foo") as source, ThreadPoolExecutor(1) as pool:
        proxy: Any = source
        with proxy.lock(1):
            impatient: Any = luthier.connect("foo", "src")
            impatient.deadline = 0.3
            error = pool.submit(impatient.voltage.set, -1.0).exception(PATIENCE)
            assert isinstance(error, ResponseTimeoutError)
            assert proxy.voltage.get() == 1.0
        eventually(lambda: proxy.server.outcome(error.call) == "cancelled")  # type: ignore[attr-defined]  # its data
        assert proxy.voltage.get() == 1.0
        impatient.close()


@unix
@pytest.mark.slow
@pytest.mark.usefixtures("folder")
def test_a_frozen_server_is_suspect_within_three_seconds_and_well_again_when_it_goes_on() -> None:
    with Source("src", server_name="foo") as source:
        server = source.server
        assert server.state == "up"
        os.kill(server.pid, signal.SIGSTOP)
        try:
            eventually(lambda: server.state == "suspect", within=3)
        finally:
            os.kill(server.pid, signal.SIGCONT)
        eventually(lambda: server.state == "up", within=3)
        assert source.voltage.get() == 1.0


# The parent or a client is killed

PARENT = """
    import sys
    from luthier import Instrument

    class Mine(Instrument):
        def __init__(self, name, **options):
            super().__init__(name, **options)
            self.add_parameter("x", initial=1)
        def hang(self):
            import threading
            threading.Event().wait()
        def make_safe(self):
            open({marker!r}, "w").close()

    class Endless(Instrument):
        def __init__(self, name, **options):
            super().__init__(name, **options)
            import threading
            open({marker!r} + ".begun", "w").close()
            threading.Event().wait()

    mine = Mine("mine", server_name="foo")
    print(mine.server.pid, flush=True)
    {then}
"""


@unix
@pytest.mark.parametrize("then", ["sys.stdin.read()", "mine.hang()", "Endless('endless', server_name='foo')"])
def test_a_server_whose_parent_was_killed_makes_safe_and_ends(then: str, folder: Path, tmp_path: Path) -> None:
    marker = tmp_path / "safe"
    parent = Script(PARENT.format(marker=str(marker), then=then))
    pid = int(parent.line())
    if "hang" in then:
        with luthier.connect("foo") as server:
            eventually(lambda: busy(server, "mine"))
    if "Endless" in then:
        eventually((tmp_path / "safe.begun").exists)
    parent.kill()
    eventually(lambda: is_gone(pid))
    assert marker.exists()
    assert list(folder.iterdir()) == []


@unix
def test_a_script_that_ends_takes_its_servers_with_it(folder: Path, tmp_path: Path) -> None:
    parent = Script(PARENT.format(marker=str(tmp_path / "safe"), then=""))
    pid = int(parent.line())
    parent.end()
    assert parent.process.returncode == 0
    assert is_gone(pid)
    assert (tmp_path / "safe").exists()
    assert list(folder.iterdir()) == []


HOLDER = """
    import luthier, sys
    src = luthier.connect("foo", "src")
    with src.lock(5):
        print("held", flush=True)
        sys.stdin.read()
"""


@unix
@pytest.mark.usefixtures("folder")
def test_a_client_killed_while_it_has_a_lease_gives_it_back() -> None:
    with Source("src", server_name="foo") as source:
        holder = Script(HOLDER)
        assert holder.line() == "held"
        proxy: Any = source
        with pytest.raises(BusyError, match=r"'lease' for -c \(pid \d+\)"), proxy.lock(0.05):
            pass
        holder.kill()
        with proxy.lock(PATIENCE):
            assert source.voltage.get() == 1.0


@unix
@pytest.mark.usefixtures("folder")
def test_a_client_killed_while_it_waits_disturbs_nobody() -> None:
    with SlowBase("one", 0.5, server_name="foo") as one:
        client = Script("""
            import luthier
            one = luthier.connect("foo", "one")
            print("go", flush=True)
            one.x.set(3)
        """)
        assert client.line() == "go"
        server = one.server
        eventually(lambda: busy(server, "one"))
        client.kill()
        eventually(lambda: busy(server, "one") is None)
        assert one["x"].get() == 3
        one["x"].set(4)
        assert one["x"].get() == 4


# What cannot be built


@pytest.mark.usefixtures("folder")
def test_a_constructor_that_fails_says_why_and_leaves_nothing() -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match="the coil is missing") as caught:
            Broken("bad", server_name="foo")
        assert any("Traceback on the server foo" in note for note in caught.value.__notes__)
        with pytest.raises(ConnectError):  # it was started for this one
            luthier.connect("foo")


@pytest.mark.usefixtures("folder")
def test_a_name_that_is_taken_by_another_class_is_refused() -> None:
    with Source("src", server_name="foo") as source:
        with pytest.raises(NameClashError, match="the name 'src' is in use by Source"):
            Base("src", server_name="foo")
        assert source.voltage.get() == 1.0


@pytest.mark.usefixtures("folder")
def test_running_a_cell_again_gives_a_fresh_instrument() -> None:
    first = Base("one", server_name="foo")
    first["x"].set(5)
    with Base("one", server_name="foo") as second:
        assert second["x"].get() == 0


@pytest.mark.usefixtures("folder")
def test_arguments_that_cannot_be_handed_over_are_refused_here() -> None:
    with pytest.raises(UsageError, match="cannot be handed to another process"):
        Base("one", server_name="foo", metadata={"lock": threading.Lock()})
    with pytest.raises(ConnectError):  # nothing was started for it
        luthier.connect("foo")


def test_a_server_that_cannot_start_says_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del folder
    monkeypatch.setattr(sys, "executable", "/bin/false" if sys.platform != "win32" else sys.executable)
    with pytest.raises((ConnectError, FileNotFoundError), match="could not be started: it ended with exit code"):
        local.start("foo")


@pytest.mark.usefixtures("folder")
def test_a_second_server_of_a_name_is_refused_by_the_first() -> None:
    server = local.start("foo")
    with pytest.raises(ConnectError, match="a server 'foo' runs already"):
        local.start("foo")
    assert server.ping()["instruments"] == {}
    server.stop()


@pytest.mark.parametrize("name", ["", "a/b", "../x", "a b", "1st", "x" * 65, "ä"])
@pytest.mark.usefixtures("folder")
def test_names_that_are_no_names_of_files_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="cannot name a server"):
        Base("one", server_name=name)


@pytest.mark.usefixtures("folder")
def test_what_is_not_there_is_told() -> None:
    with pytest.raises(ConnectError, match="there is no server of that name"):
        luthier.connect("nobody")
    with Base("one", server_name="foo"), pytest.raises(UnknownNameError, match="Did you mean 'one'"):
        luthier.connect("foo", "ona")


@unix
def test_a_folder_that_others_can_enter_is_refused(folder: Path) -> None:
    folder.chmod(0o755)
    with pytest.raises(ConfigurationError, match="can be entered by others"):
        Base("one", server_name="foo")
    folder.chmod(0o700)


@pytest.mark.usefixtures("folder")
def test_a_class_of_ones_own_is_refused_by_a_server_that_another_process_started() -> None:
    parent = Script("""
        import sys
        from luthier_servers import local
        local.start("foo")
        print("started", flush=True)
        sys.stdin.read()
    """)
    assert parent.line() == "started"
    with pytest.raises(
        UsageError, match="another process started it, and it takes the classes of installed drivers only"
    ):
        Base("one", server_name="foo")
    with luthier.connect("foo") as server, pytest.raises(UsageError, match="another process started it"):
        server.restart()
    parent.end()


@pytest.mark.usefixtures("folder")
def test_a_local_instrument_cannot_be_a_member_elsewhere() -> None:
    with Base("here") as here, pytest.raises(UsageError, match="cannot be handed to another process"):
        Meta("meta", instruments=[here], server_name="foo")


@unix
@pytest.mark.usefixtures("folder")
def test_a_forked_process_makes_connections_of_its_own() -> None:
    with Base("one", server_name="foo") as one:
        one["x"].set(1)
        reading, writing = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if not child:
            try:
                one["x"].set(2)
                os.write(writing, b"%d" % one["x"].get())
            finally:
                os._exit(0)
        assert os.read(reading, 10) == b"2"
        os.waitpid(child, 0)
        os.close(reading)
        os.close(writing)
        assert one["x"].get() == 2
