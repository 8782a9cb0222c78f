"""The HTTP server behind a live plot: on this computer only, for whoever knows its address."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import secrets
import socket
import sys
import threading
import time
from http import HTTPStatus
from importlib import resources
from typing import TYPE_CHECKING, Any

from luthier.errors import LuthierError

from luthier_plot.asking import BadQuestionError, read_question
from luthier_plot.drawing_library import drawing_library

if TYPE_CHECKING:
    from luthier_plot.watching import Watching

__all__ = ["PlotServer", "PortError"]

HOST = "127.0.0.1"
_LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")

PATIENCE = 10.0
"""Seconds for which a page waits for news before it asks again."""

_CLIENT_TIMEOUT = 15.0  # seconds in which a reader has to take or give the next bytes
_MOST_CONNECTIONS = 64
_LONGEST_QUESTION = 65_536

_PAGES = {
    "": ("index.html", "text/html"),
    "page.js": ("page.js", "text/javascript"),
    "page.css": ("page.css", "text/css"),
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self'"
)


class PortError(LuthierError, OSError):
    """The port on which the live plot shall be found cannot be had."""


class PlotServer:
    """Serves the page of one :class:`~luthier_plot.watching.Watching` until it is closed.

    It listens on the loopback interface. Its address holds a random token, without which nothing is answered but 403;
    so is a request that came by another name than that of this computer, which a foreign web page could have given it.

    Parameters
    ----------
    watching
        What is shown.
    port
        Where to listen; 0: any free port.

    Raises
    ------
    PortError
        The port is in use, or not ours to use.
    """

    def __init__(self, watching: Watching, port: int = 0) -> None:
        self.watching = watching
        self.token = secrets.token_urlsafe(16)
        self.last_asked: float | None = None
        try:
            self._http = _Server((HOST, port), self)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise PortError(
                f"cannot listen on port {port} of {HOST}: {reason}",
                advice="Choose another port, or none: then a free one is taken.",
            ) from error
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), name="live plot", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The address of the page, token included."""
        return f"http://{HOST}:{self._http.server_port}/{self.token}/"

    def idle(self) -> float:
        """Return for how many seconds no page has asked for news; infinite if none ever has."""
        return float("inf") if self.last_asked is None else time.monotonic() - self.last_asked

    def close(self) -> None:
        """Answer whoever waits, close all connections, and end. Twice is fine."""
        self.watching.close()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    request_queue_size = 32
    # On Windows it would let two servers have one port.
    allow_reuse_address = os.name != "nt"

    def __init__(self, address: tuple[str, int], owner: PlotServer) -> None:
        self.owner = owner
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(address, _Handler)

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Refuse connections beyond a number that no group of people at one computer needs."""
        del client_address
        with self._guard:
            if len(self._open) >= _MOST_CONNECTIONS:
                return False
            self._open.add(request)
            return True

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about readers that vanish; what else goes wrong is told as usual."""
        if not isinstance(sys.exception(), (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)

    def server_close(self) -> None:
        """End the connections too, which else would be waited for."""
        with self._guard:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        super().server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "Luthier"
    sys_version = ""
    timeout = _CLIENT_TIMEOUT

    def do_GET(self) -> None:
        owner = self.server.owner
        name = self._allowed_name()
        if name is None:
            return
        if name == "status":
            self._answer(json.dumps({"idle": min(owner.idle(), 1e9)}).encode(), "application/json")
        elif name == "plotly.js":
            self._answer(drawing_library().read_bytes(), "text/javascript", keep=True)
        elif name in _PAGES:
            file, kind = _PAGES[name]
            content = resources.files("luthier_plot").joinpath("page", file).read_bytes()
            self._answer(content, f"{kind}; charset=utf-8")
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "There is no such page.")

    def do_POST(self) -> None:
        owner = self.server.owner
        name = self._allowed_name()
        if name is None:
            return
        if name != "news":
            self._refuse(HTTPStatus.NOT_FOUND, "There is no such page.")
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _LONGEST_QUESTION:
            self._refuse(HTTPStatus.BAD_REQUEST, f"A question has at most {_LONGEST_QUESTION} bytes.")
            return
        try:
            seen = read_question(self.rfile.read(int(length)))
        except BadQuestionError as error:
            self._refuse(HTTPStatus.BAD_REQUEST, f"This question is not understood: {error}.")
            return
        owner.last_asked = time.monotonic()
        self._answer(owner.watching.news(seen, PATIENCE), "application/octet-stream")

    def _allowed_name(self) -> str | None:
        """Return what is asked for behind the token; refuse, and return ``None``, where the token is wrong."""
        host = self.headers.get("Host", "")
        local = host.rpartition(":")[0] or host
        _, token, *rest = self.path.partition("?")[0].split("/", 2)
        known = secrets.compare_digest(token.encode(), self.server.owner.token.encode())
        if known and (local in _LOCAL_NAMES or host in _LOCAL_NAMES):
            return rest[0] if rest else "?"
        self._refuse(HTTPStatus.FORBIDDEN, "Use the whole address that 'luthier watch' printed.")
        return None

    def _answer(self, content: bytes, kind: str, *, keep: bool = False) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "private, max-age=86400" if keep else "no-store")
        self.send_header("Content-Security-Policy", _POLICY)
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(content)

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        # What was not read of the question must not be taken for the next one.
        self.close_connection = True
        content = f"{why}\n".encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        """Keep the terminal for what people want to know."""
