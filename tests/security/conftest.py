"""The service as a stranger meets it: a process of its own, and a client without a token."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from mundap.index.encoders.encoder import Encoder
from tests.served_bundle import served_bundle

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Service:
    """A running server, a client for it, and the folder in which it may leave temporary files."""

    process: "subprocess.Popen[bytes]"
    client: httpx.Client
    temporary: Path
    log: Path

    @property
    def memory(self) -> int:
        """Bytes of the process in memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return 1024 * int(line.split()[1])

    def call(self, number: int, *data: Any, **more: Any) -> httpx.Response:
        """Call an event of the page by its number."""
        body = {"fn_index": number, "data": data, "session_hash": "stranger", **more}
        return self.client.post("/gradio_api/run/predict", json=body)

    def send(self, content: bytes) -> httpx.Response:
        """Send a file as the page does."""
        return self.client.post("/gradio_api/upload", files={"files": ("f.csv", content)})


@contextmanager
def serve(
    folder: Path, index: Path, *options: str, port: int | None = None, **settings: str
) -> Iterator[Service]:
    """Run `mundap serve` until the end of the block, on a free port unless one is given."""
    if port is None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
    temporary, log = folder / "tmp", folder / "log"
    temporary.mkdir(parents=True)
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "MUNDAP_HOME": str(folder / "home"),
        "TMPDIR": str(temporary),
        **{f"MUNDAP_API_{name.upper()}": value for name, value in settings.items()},
    }
    command = [sys.executable, "-P", "-m", "mundap.cli", "serve", "--index", str(index)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--port", str(port), *options],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=output,
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            _wait(process, client)
            yield Service(process, client, temporary, log)
    finally:
        process.kill()
        process.wait()


def _wait(process: "subprocess.Popen[bytes]", client: httpx.Client) -> None:
    while process.poll() is None:
        try:
            client.get("/healthz")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not start")


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory, default_encoder: Encoder) -> Path:
    return served_bundle(tmp_path_factory.mktemp("attacked") / "index", default_encoder)


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory, index: Path) -> Iterator[Service]:
    """The service with the page, for all who attack it."""
    folder = tmp_path_factory.mktemp("page")
    hosts = '["faq.example.org"]'
    with serve(folder, index, "--similarity-tab", rate_limit="", allowed_hosts=hosts) as running:
        yield running


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory, index: Path) -> Iterator[Service]:
    """The service without the page."""
    with serve(tmp_path_factory.mktemp("api"), index, "--no-page", rate_limit="") as running:
        yield running


@pytest.fixture(params=["service", "api"])
def either(request: pytest.FixtureRequest) -> Service:
    """The service with the page, and the one without."""
    found: Service = request.getfixturevalue(request.param)
    return found


def end(service: Service) -> None:
    """End the process in order."""
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(60) == 0
