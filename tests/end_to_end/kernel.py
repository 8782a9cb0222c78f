"""A notebook's kernel, driven by lines of JSON: one cell comes in, what it printed goes out.

A process of its own, because the libraries of notebooks keep an event loop for as long as their process lives.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from jupyter_client.manager import KernelManager


def main(folder: str) -> None:
    """Run cells until the standard input ends, then shut the kernel down in order."""
    transport = "tcp" if sys.platform == "win32" else "ipc"
    manager = KernelManager(kernel_name="python3", transport=transport, connection_file=f"{folder}/kernel.json")
    manager.start_kernel(cwd=folder)
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    try:
        for line in sys.stdin:
            sys.stdout.write(json.dumps(_run(client, json.loads(line))) + "\n")
            sys.stdout.flush()
    finally:
        client.stop_channels()
        manager.shutdown_kernel()


def _run(client: Any, cell: str) -> dict[str, str]:
    printed: list[str] = []

    def take(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream":
            printed.append(message["content"]["text"])

    content = client.execute_interactive(cell, timeout=60, output_hook=take)["content"]
    return {"printed": "".join(printed).strip(), "failed": "\n".join(content.get("traceback", []))}


if __name__ == "__main__":
    main(sys.argv[1])
