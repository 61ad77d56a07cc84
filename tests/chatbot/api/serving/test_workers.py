"""`mundap serve --workers 2`, as a process of its own with its workers."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, text

from benchmarks.api_server import free_port
from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.writer import BundleWriter
from mundap.index.encoders.encoder import Encoder
from tests.served_bundle import served_bundle

pytestmark = [pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[4]
QUERY = {"query": "배송비는 얼마인가요?"}


@dataclass(frozen=True)
class Team:
    """A parent with its workers."""

    url: str
    process: "subprocess.Popen[bytes]"
    log: Path

    def workers(self) -> list[int]:
        """The processes that serve, by what each was started as."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        numbers = [int(number) for number in children.read_text().split()]
        return [n for n in numbers if b"spawn_main" in Path(f"/proc/{n}/cmdline").read_bytes()]

    def ask(self) -> httpx.Response:
        """Ask over a connection of its own, which any worker may take."""
        return httpx.post(f"{self.url}/v1/ask", json=QUERY, timeout=30)


@contextmanager
def team(index: Path, home: Path, *options: str, **environment: str) -> Iterator[Team]:
    port, log = free_port(), home / "log"
    home.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "mundap.cli", "serve", "--index", str(index), *options]
    with log.open("wb") as written:
        process = subprocess.Popen(
            [*command, "--port", str(port)],
            cwd=ROOT,
            env={**os.environ, "MUNDAP_HOME": str(home), **environment},
            stdout=written,
            stderr=written,
        )
    found = Team(f"http://127.0.0.1:{port}", process, log)
    try:
        wait_until(found, 2)
        yield found
    finally:
        process.terminate()
        process.wait(timeout=60)


def wait_until(found: Team, workers: int) -> None:
    """Wait until so many have said that they serve."""
    for _ in range(600):
        said = found.log.read_text(encoding="utf-8", errors="replace")
        assert found.process.poll() is None, said
        if said.count("Application startup complete") >= workers:
            return
        time.sleep(0.1)
    raise AssertionError(said)


def lines(log: Path) -> list[dict[str, object]]:
    """What was logged as JSON."""
    found = []
    for line in log.read_text(encoding="utf-8").splitlines():
        with suppress(ValueError):
            found.append(json.loads(line))
    return found


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, default_encoder: Encoder) -> Path:
    return served_bundle(tmp_path_factory.mktemp("workers") / "index", default_encoder)


def test_a_reply_can_be_rated_whichever_worker_gave_it_and_is_in_the_store(
    index: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    with team(index, home, "--no-page", "--workers", "2") as served:
        replies = [served.ask().json() for _ in range(30)]
        for reply in replies:
            thumb = {"request_id": reply["request_id"], "value": "up"}
            rated = httpx.post(f"{served.url}/v1/feedback", json=thumb)
            assert rated.status_code == 200, rated.text
        counted = httpx.get(f"{served.url}/metrics").text
        answered = {line["process"] for line in lines(served.log) if line.get("path") == "/v1/ask"}
    # All is written by the time that it has ended.
    [store] = home.rglob("store.sqlite")
    with create_engine(f"sqlite:///{store}").connect() as connection:
        kept = [
            connection.execute(text(f"SELECT count(*) FROM {table}")).scalar()
            for table in ("exchanges", "reactions")
        ]
    assert kept == [30, 30]
    assert {"v1/ask 30.0", "v1/feedback 30.0"} <= {
        " ".join(found)
        for found in re.findall(
            r'^mundap_requests_total\{.*route="/(v1/\w+)".*status="200"\} (\S+)', counted, re.M
        )
    }
    assert len(answered) == 2


def test_limits_hold_for_all_workers_together(index: Path, tmp_path: Path) -> None:
    rate = {"MUNDAP_API_RATE_LIMIT": "20/day"}
    with team(index, tmp_path / "home", "--no-page", "--workers", "2", **rate) as served:
        statuses = [served.ask().status_code for _ in range(40)]

    assert (statuses.count(200), statuses.count(429)) == (20, 20)


def test_every_worker_takes_up_a_promotion_and_a_roll_back_with_the_next_request(
    index: Path, tmp_path: Path, default_encoder: Encoder
) -> None:
    with team(index, tmp_path / "home", "--no-page", "--workers", "2") as served:
        before = Bundle.open(index).manifest.generation
        assert {served.ask().json()["generation"] for _ in range(20)} == {before}

        served_bundle(index, default_encoder)
        assert {served.ask().json()["generation"] for _ in range(20)} == {before + 1}

        with BundleWriter.locked(index) as writer:
            writer.rollback(default_encoder)
        assert {served.ask().json()["generation"] for _ in range(20)} == {before}


def test_a_worker_that_is_killed_is_replaced_while_the_others_answer(
    index: Path, tmp_path: Path
) -> None:
    with team(index, tmp_path / "home", "--no-page", "--workers", "2") as served:
        first, second = served.workers()
        with ThreadPoolExecutor(2) as visitors:
            os.kill(first, signal.SIGKILL)
            replies = list(visitors.map(lambda _: served.ask().status_code, range(40)))
        wait_until(served, 3)

        assert set(replies) == {200}
        assert second in served.workers()
        assert first not in served.workers()
        assert len(served.workers()) == 2


def test_no_worker_outlives_its_parent(index: Path, tmp_path: Path) -> None:
    with team(index, tmp_path / "home", "--no-page", "--workers", "2") as served:
        workers = served.workers()
        served.process.kill()
        for _ in range(300):
            if not any(Path(f"/proc/{worker}").exists() for worker in workers):
                break
            time.sleep(0.1)

        assert [worker for worker in workers if Path(f"/proc/{worker}").exists()] == []


def test_the_page_is_there_and_the_owners_page_is_said_to_be_elsewhere(
    index: Path, tmp_path: Path
) -> None:
    with team(index, tmp_path / "home", "--workers", "2") as served:
        assert "<!doctype html>" in httpx.get(served.url).text.lower()
        admin = httpx.get(f"{served.url}/admin/entries")

    assert (admin.status_code, admin.json()["error"]["code"]) == (404, "served_elsewhere")
    assert "`mundap serve` without --workers" in admin.json()["error"]["message"]


def test_what_no_worker_can_open_is_one_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mundap.cli", "serve", "--index", str(tmp_path / "nothing")]
    done = subprocess.run(
        [*command, "--no-page", "--workers", "2", "--port", str(free_port())],
        cwd=ROOT,
        env={**os.environ, "MUNDAP_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 2
    assert "no index here. Build one with `mundap index build`." in done.stderr
    assert "mundap: a worker ended as it began (exit code 2)" in done.stderr
    assert "Traceback" not in done.stderr
