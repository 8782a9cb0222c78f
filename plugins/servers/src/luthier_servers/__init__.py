"""Instruments in processes of their own, on this machine.

``MyInstrument("one", server_name="foo")`` starts or joins the server ``foo``; ``luthier.connect("foo", "one")`` reaches
what is there. :data:`local` is the engine behind both.
"""

from luthier_servers.building import LocalServers
from luthier_servers.remote_instrument import RemoteInstrument
from luthier_servers.remote_server import RemoteServer

__all__ = ["LocalServers", "RemoteInstrument", "RemoteServer", "local", "start"]

local = LocalServers()
"""The servers of this machine."""

start = local.start
"""Start a server; see :meth:`LocalServers.start`."""
