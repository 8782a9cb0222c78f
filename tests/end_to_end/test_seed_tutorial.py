"""The classes that the project was asked for first, as they were written down then, in a script of a user."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

CLASSES = """
import logging
from concurrent import futures
from functools import partial

from luthier import Instrument


class MyInstrument(Instrument):

    def __init__(self, name, **kwargs):
        super().__init__(name, **kwargs)
        self.x=0
        self.add_parameter('x',  get_cmd=self.getx, set_cmd=self.setx)

    def getx(self):
        return self.x

    def setx(self, val):
        self.x=val


class Meta(Instrument):
    shared_kwargs = ['instruments']

    # Instruments will be a list of RemoteInstrument objects, which can be
    # given to a server on creation but not later on, so it needs to be
    # listed in shared_kwargs
    def __init__(self, name, instruments=(), **kwargs):
        super().__init__(name, **kwargs)
        self._instrument_list = instruments
        self.no_instruments = len(instruments)
        for gate in range(len(self._instrument_list)):
            self.add_parameter('c%d' % gate,
                               get_cmd=partial(self._get, gate=gate),
                               set_cmd=partial(self._set, gate=gate))
        self.add_parameter("setBoth", set_cmd=partial(self._set_both))
        self.add_parameter("setBothAsync", set_cmd=partial(self._set_async))

    def _set_both(self, value):
        for i in self._instrument_list:
            i.set('x', value)

    def _set_async(self, value):
        with futures.ThreadPoolExecutor(max_workers=self.no_instruments) as executor:
            jobs = []
            for i in self._instrument_list:
                job = executor.submit(partial(i.set, 'x'), value)
                jobs.append(job)
            futures.wait(jobs)

    def _get(self, gate):
        value =self._instrument_list[gate].get('x')
        logging.debug('Meta get gate %s' % (value))
        return value

    def _set(self, value, gate):
        logging.debug('Meta set gate %s @ value %s' % (gate, value))
        i = self._instrument_list[gate]
        i.set('x', value)
"""

USE = """
BASESERVER = "foo"
base1 = MyInstrument(name='one', server_name=BASESERVER)
base2 = MyInstrument(name='two', server_name=BASESERVER)

meta_server_name = "{meta_server}"
meta = Meta(name='meta', server_name=meta_server_name,
                  instruments=[base1, base2])

print("--- set meta --- ")
meta.c1.set(25)
print(meta.c1.get())
print(base2.x.get())

print("--- set base --- ")
base2.x.set(1)
print(meta.c1.get())
print(base2.x.get())

meta.setBoth(0)
print(base1.x.get())
print(base2.x.get())
meta.setBothAsync(3)
print(base1.x.get(), base2.x.get())
"""


@pytest.mark.parametrize("meta_server", ["meta_server", "foo"])
def test_the_classes_run_as_they_were_written(
    meta_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "tutorial.py"
    script.write_text(CLASSES + USE.format(meta_server=meta_server), encoding="utf-8")
    monkeypatch.setenv("LUTHIER_RUNTIME_DIR", str(tmp_path / "run"))
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.split("\n") == [
        "--- set meta --- ",
        "25",
        "25",
        "--- set base --- ",
        "1",
        "1",
        "0",
        "0",
        "3 3",
        "",
    ]
