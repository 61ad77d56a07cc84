"""One API server in a process of its own, for benchmarks and tests; always on 127.0.0.1."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

_ROOT = Path(__file__).resolve().parent.parent
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class ApiServer:
    """A running `mundap serve`."""

    url: str
    pid: int

    def ask(self, query: str) -> dict[str, Any]:
        """Return the reply to one query; raises OSError where the server does not give one."""
        return self.post("/v1/ask", {"query": query})

    def post(self, path: str, body: object, *, token: str | None = None) -> dict[str, Any]:
        """Return the JSON that the server sends back."""
        reply: dict[str, Any] = json.loads(self._send(path, json.dumps(body).encode(), token))
        return reply

    def get(self, path: str, *, token: str | None = None) -> str:
        """Return the text at a path."""
        return self._send(path, None, token)

    def _send(self, path: str, body: bytes | None, token: str | None) -> str:
        headers = {} if body is None else {"Content-Type": "application/json"}
        headers |= {} if token is None else {"Authorization": f"Bearer {token}"}
        request = urllib.request.Request(self.url + path, body, headers)
        with urllib.request.urlopen(request, timeout=30) as response:
            text: str = response.read().decode()
        return text

    def memory(self) -> dict[str, float]:
        """Return resident MiB: all, and what no file backs."""
        lines = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8").splitlines()
        kib = {line.split(":")[0]: line.split()[1] for line in lines if line.endswith(" kB")}
        return {
            "rss_mib": round(int(kib["VmRSS"]) * 1024 / _MIB, 1),
            "anonymous_mib": round(int(kib["RssAnon"]) * 1024 / _MIB, 1),
        }

    def cpu_seconds(self) -> float:
        """Return the processor time that the server has used."""
        return self._cpu_seconds(11)

    def rebuild_cpu_seconds(self) -> float:
        """Return the processor time of its child processes that have ended."""
        return self._cpu_seconds(13)

    def _cpu_seconds(self, place: int) -> float:
        """Return a user and a system time, from a place in /proc/PID/stat behind the name."""
        stat = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8")
        user, system = stat.rpartition(")")[2].split()[place : place + 2]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(
    bundle: Path,
    environment: Mapping[str, str],
    *,
    faq: Path | None = None,
    page: bool = False,
    log: BinaryIO | int = subprocess.DEVNULL,
) -> Iterator[ApiServer]:
    """Serve `bundle` until the end of the block, with or without the page.

    A rebuild over the API reads `faq`. What the server prints goes to `log`.
    Raises RuntimeError where the server ends before it is ready, or is not ready in a minute.
    """
    port = free_port()
    command = [sys.executable, "-m", "mundap.cli", "serve", "--index", str(bundle)]
    command += [] if page else ["--no-page"]
    command += [] if faq is None else ["--faq", str(faq)]
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        cwd=_ROOT,
        # Compiled once and kept, as on any machine that serves.
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "", **environment},
        stdout=log,
        stderr=log,
    )
    server = ApiServer(f"http://127.0.0.1:{port}", process.pid)
    try:
        _wait_until_ready(server, process)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def _wait_until_ready(server: ApiServer, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"mundap serve ended with code {process.returncode}.")
        try:
            server.get("/readyz")
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise RuntimeError("mundap serve was not ready within a minute.")
