"""``luthier record`` and ``luthier tape``, as they are typed."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from luthier_sim import read_tape

if TYPE_CHECKING:
    from pathlib import Path

LAB = '[instruments.smu]\ndriver = "keithley.2400"\naddress = "sim://"\n'
SCRIPT = """\
import sys
from luthier import Station
with Station() as lab:
    assert lab.smu.idn.model == "MODEL 2400"
    lab.smu.output(True)
sys.exit(3)
"""


def luthier(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Type a command in a folder."""
    (folder / "lab.toml").write_text(LAB)
    (folder / "script.py").write_text(SCRIPT)
    return subprocess.run(
        [sys.executable, "-m", "luthier_cli", *words],
        cwd=folder,
        env={**os.environ, "LUTHIER_RUNTIME_DIR": str(folder / "run")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_script_is_recorded_twice_and_its_tape_is_put_to_use(tmp_path: Path) -> None:
    command = ["record", "lab.toml", "--mask", "MODEL 2400,(.*)", "--", sys.executable, "script.py"]
    for name in ("smu", "smu-2"):
        done = luthier(tmp_path, *command)
        assert done.returncode == 3, done.stderr
        assert f"{name}.tape: smu, " in done.stderr
    tape = read_tape(tmp_path / "tapes/smu-2.tape")
    assert tape.exchanges[0].replies[0].endswith(b"MODEL 2400,***")
    assert tape.driver.endswith(":Smu2400")
    assert tape.entries[-1].text == "close"
    made = luthier(tmp_path, "tape", "to-test", "tapes/smu.tape", "-o", "test_smu.py")
    assert made.returncode == 0, made.stderr
    assert "smu.output.set(True)" in (tmp_path / "test_smu.py").read_text()
    again = luthier(tmp_path, "tape", "to-test", "tapes/smu.tape", "-o", "test_smu.py")
    assert (again.returncode, "test_smu.py: File exists" in again.stderr) == (1, True)
    same = luthier(tmp_path, "tape", "diff", "tapes/smu.tape", "tapes/smu-2.tape")
    assert (same.returncode, same.stderr) == (0, "No differences in 5 and 5 messages.\n")


def test_instruments_on_servers_are_recorded_where_they_live(tmp_path: Path) -> None:
    script = (
        "import luthier\n"
        "smu = luthier.open('keithley.2400', 'sim://', name='smu', server_name='taped')\n"
        "smu.output(True)\n"
    )
    (tmp_path / "remote.py").write_text(script)
    done = luthier(tmp_path, "record", "--", sys.executable, "remote.py")
    assert done.returncode == 0, done.stderr
    assert "OUTP 1" in [exchange.text for exchange in read_tape(tmp_path / "tapes/smu.tape").exchanges]


def test_what_is_wrongly_typed_is_told(tmp_path: Path) -> None:
    for words, code, said in (
        (["record", "python", "script.py"], 2, "-- has to stand before the command"),
        (["record", "lab.toml", "--only", "dmm", "--", "true"], 1, "no instrument 'dmm'"),
        (["record", "--", "no-such-command"], 127, "cannot be started"),
        (["tape", "to-sim", "nowhere.tape"], 1, "cannot be read"),
        (["tape", "to-test", "lab.toml"], 1, "no line of a tape"),
        (["tape", "diff", "script.py", "GPIB0::1::INSTR"], 1, "no line of a tape"),
    ):
        done = luthier(tmp_path, *words)
        assert (done.returncode, said in done.stderr) == (code, True), done.stderr


def test_a_real_instrument_is_sent_a_tape_only_where_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.tape").write_text("> OUTP 1\n")
    done = luthier(tmp_path, "tape", "diff", "a.tape", "GPIB0::1::INSTR")
    assert done.returncode == 1
    assert "Give --send" in done.stderr
