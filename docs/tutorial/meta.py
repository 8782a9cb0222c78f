"""An instrument over two others: first every one on a server of its own, then all on one. Run it: python meta.py."""

import time
from concurrent import futures
from functools import partial

from luthier import Instrument

DELAY = 0.3
"""Seconds that each set takes."""


class MyInstrument(Instrument):
    """An instrument whose set takes a while."""

    def __init__(self, name, **kwargs):
        super().__init__(name, **kwargs)
        self.x = 0
        self.add_parameter("x", get_cmd=self.getx, set_cmd=self.setx)

    def getx(self):
        return self.x

    def setx(self, val):
        time.sleep(DELAY)
        self.x = val


class Meta(Instrument):
    """Drives a list of instruments."""

    def __init__(self, name, instruments=(), **kwargs):
        super().__init__(name, **kwargs)
        self._instrument_list = instruments
        self.no_instruments = len(instruments)
        for gate in range(self.no_instruments):
            self.add_parameter(f"c{gate}", get_cmd=partial(self._get, gate=gate), set_cmd=partial(self._set, gate=gate))
        self.add_parameter("setBoth", set_cmd=self._set_both)
        self.add_parameter("setBothAsync", set_cmd=self._set_async)

    def _set_both(self, value):
        for i in self._instrument_list:
            i.set("x", value)

    def _set_async(self, value):
        with futures.ThreadPoolExecutor(max_workers=self.no_instruments) as executor:
            jobs = [executor.submit(partial(i.set, "x"), value) for i in self._instrument_list]
            futures.wait(jobs)
        for job in jobs:
            job.result()  # raises what went wrong

    def _get(self, gate):
        return self._instrument_list[gate].get("x")

    def _set(self, value, gate):
        self._instrument_list[gate].set("x", value)


def seconds(action):
    """Return how long it takes."""
    started = time.monotonic()
    action()
    return time.monotonic() - started


def show(base1, base2, meta):
    """Use the three, and print what is found."""
    print("--- set meta ---")
    meta.c1.set(25)
    print("meta.c1:", meta.c1.get(), " base2.x:", base2.x.get())

    print("--- set base ---")
    base2.x.set(1)
    print("meta.c1:", meta.c1.get(), " base2.x:", base2.x.get())

    one_by_one = seconds(lambda: meta.setBoth(0))
    print(f"one after the other: {one_by_one:.2f} s, base1.x: {base1.x.get()}, base2.x: {base2.x.get()}")
    together = seconds(lambda: meta.setBothAsync(7))
    print(f"both at the same time: {together:.2f} s, base1.x: {base1.x.get()}, base2.x: {base2.x.get()}")


if __name__ == "__main__":
    for servers in (("server1", "server2", "server3"), ("foo", "foo", "foo")):
        print("=== servers:", ", ".join(servers), "===")
        with (
            MyInstrument("one", server_name=servers[0]) as base1,
            MyInstrument("two", server_name=servers[1]) as base2,
            Meta("meta", instruments=[base1, base2], server_name=servers[2]) as meta,
        ):
            show(base1, base2, meta)
