"""`mundap serve` in a process of its own, as a service manager runs it."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mundap.chatbot.api.serving.address import Address, AddressError
from mundap.chatbot.api.serving.server import run_server
from mundap.chatbot.api.settings import ApiSettings
from mundap.chatbot.settings import ChatSettings
from mundap.index.encoders.encoder import Encoder
from tests.served_bundle import served_bundle

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[4]
BODY = '{"query": "배송비는 얼마인가요?"}'.encode()
HEAD = (
    "POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    f"Content-Length: {len(BODY)}\r\n\r\n"
).encode()


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory, default_encoder: Encoder) -> Path:
    return served_bundle(tmp_path_factory.mktemp("served") / "index", default_encoder)


@contextmanager
def serve(bundle: Path, *options: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Run the command until the end of the block; yield it and its address once it listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["serve", "--index", str(bundle), "--port", str(port), *options]
    process = subprocess.Popen(
        [sys.executable, "-m", "mundap.cli", *command],
        cwd=bundle.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MUNDAP_HOME": str(bundle.parent / "home")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:  # it listens once this is logged
            if "Application startup complete" in line:
                break
        yield process, f"127.0.0.1:{port}"
    finally:
        process.kill()
        process.communicate()


def test_sigterm_finishes_what_runs_and_then_ends(bundle: Path) -> None:
    with serve(bundle, "--no-page") as (process, address):
        host, port = address.split(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(HEAD + BODY[:10])
            # Once the next request is answered, the first has been begun.
            assert get(address, "/healthz") == {"status": "ok"}
            process.send_signal(signal.SIGTERM)
            assert process.stderr is not None
            for line in process.stderr:
                if "Waiting for connections to close" in line:
                    break
            with pytest.raises(OSError, match=r"refused|reset"):
                get(address, "/healthz")
            connection.sendall(BODY[10:])
            received = b""
            while chunk := connection.recv(65536):
                received += chunk
        assert received.startswith(b"HTTP/1.1 200 OK")
        assert json.loads(received.partition(b"\r\n\r\n")[2])["kind"] == "answer"
        assert process.wait(30) == 0


def test_sigterm_tells_who_would_take_too_long(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUNDAP_API_SHUTDOWN_TIMEOUT", "1")
    with serve(bundle, "--no-page") as (process, address):
        host, port = address.split(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(HEAD + BODY[:10])  # the rest never comes
            assert get(address, "/healthz") == {"status": "ok"}
            process.send_signal(signal.SIGTERM)
            received = b""
            while chunk := connection.recv(65536):
                received += chunk
        _, log = process.communicate(timeout=30)
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 Service Unavailable")
    assert json.loads(body)["error"]["code"] == "ending"
    assert process.returncode == 0
    assert "Traceback" not in log


def test_the_page_is_at_the_root_and_the_api_beside_it(bundle: Path) -> None:
    with serve(bundle) as (process, address):
        with urllib.request.urlopen(f"http://{address}/", timeout=60) as response:
            page = response.read().decode()
        assert "<title>문답</title>" in page or '"title":"문답"' in page
        assert get(address, "/v1/info")["title"] == "문답"
        assert "/v1/ask" in get(address, "/openapi.json")["paths"]
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


def test_every_line_of_the_log_is_json_and_standard_output_says_where(bundle: Path) -> None:
    with serve(bundle, "--no-page") as (process, address):
        get(address, "/v1/info")
        process.terminate()
        out, err = process.communicate(timeout=30)
    assert out == f"문답: http://{address} (Ctrl-C to stop)\n"
    lines = [json.loads(line) for line in err.splitlines()]
    assert [line["path"] for line in lines if line["message"] == "request"] == ["/v1/info"]


def test_an_address_that_is_taken_is_refused_before_anything_is_loaded() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = Address("127.0.0.1", taken.getsockname()[1], "MUNDAP_API_")
        with pytest.raises(AddressError, match="cannot be used"):
            run_server(ChatSettings(), ApiSettings(), address, index=Path("no such index"))


@pytest.mark.parametrize("start", [["app.py"], ["-m", "mundap.cli", "chat"]])
def test_python_app_py_is_mundap_chat(start: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = subprocess.run(
            [sys.executable, *start, "--port", str(port)], cwd=ROOT, capture_output=True, text=True
        )
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith(f"mundap: port {port} of 127.0.0.1 cannot be used")
    assert refused.stderr.count("\n") == 1


def get(address: str, path: str) -> dict[str, object]:
    with urllib.request.urlopen(f"http://{address}{path}", timeout=30) as response:
        found: dict[str, object] = json.load(response)
    return found
