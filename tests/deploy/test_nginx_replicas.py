"""deploy/nginx-replicas.conf beside nginx.conf, in front of two servers, one of which is killed."""

import os
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from benchmarks.api_server import ApiServer, serving
from mundap.index.encoders.encoder import Encoder
from tests.deploy.nginx import CONF, MARKS, Site, behind_nginx, nginx_with, replaced
from tests.served_bundle import served_bundle

REPLICAS = CONF.with_name("nginx-replicas.conf")
UPSTREAM = re.compile(r"upstream mundap \{.*?\n\}\n", re.DOTALL)
pytestmark = MARKS
# Each has an address of its own, and so a server that it stays with.
VISITORS = 8
# A reply whose head nginx had passed on when the server died: no other server can end it.
CUT_OFF = "cut off"


@pytest.fixture(scope="module")
def servers(
    tmp_path_factory: pytest.TempPathFactory, default_encoder: Encoder
) -> Iterator[list[ApiServer]]:
    folder = tmp_path_factory.mktemp("replicas")
    bundle = served_bundle(folder / "index", default_encoder)
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                serving(bundle, {**behind_nginx(""), "MUNDAP_HOME": str(folder / name)})
            )
            for name in ("one", "other")
        ]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, servers: list[ApiServer]) -> Iterator[Site]:
    alone, taken_out = UPSTREAM.subn("", CONF.read_text(encoding="utf-8"))
    assert taken_out == 1
    both = replaced(
        REPLICAS.read_text(encoding="utf-8"),
        {
            f"server 127.0.0.1:{port} ": f"server {server.url.removeprefix('http://')} "
            for port, server in zip((7861, 7862), servers, strict=True)
        },
    )
    # Visitors of this test ask without a pause.
    conf = both + replaced(alone, {"rate=20r/s": "rate=10000r/s"})
    with nginx_with(conf, tmp_path_factory.mktemp("site")) as started:
        yield started


def answered(server: ApiServer) -> int:
    """How many questions a server has answered."""
    found = re.findall(
        r'^mundap_requests_total\{.*route="/v1/ask".*status="200"\} (\S+)',
        server.get("/metrics"),
        re.MULTILINE,
    )
    return sum(int(float(one)) for one in found)


def visit(
    site: Site, number: int, done: threading.Event, met: Counter[str], lock: threading.Lock
) -> None:
    """Ask again and again, and count what comes back."""
    with site.client(address=f"127.0.0.{10 + number}") as client:
        while not done.is_set():
            try:
                reply = client.post("/v1/ask", json={"query": "배송비는 얼마인가요?"}, timeout=30)
                told = f"{reply.status_code}"
            except httpx.RemoteProtocolError:
                told = CUT_OFF
            with lock:
                met[told] += 1


def test_a_thumb_reaches_the_server_that_replied(site: Site, servers: list[ApiServer]) -> None:
    for number in range(VISITORS):
        with site.client(address=f"127.0.0.{10 + number}") as client:
            reply = client.post("/v1/ask", json={"query": "환불하고 싶어요"}).json()
            thumb = {"request_id": reply["request_id"], "value": "up"}
            assert client.post("/v1/feedback", json=thumb).status_code == 200
    assert min(map(answered, servers)) > 0


# The last one here: it leaves one server.
def test_a_server_killed_under_load_costs_at_most_the_replies_it_was_writing(
    site: Site, servers: list[ApiServer]
) -> None:
    met: Counter[str] = Counter()
    done, lock = threading.Event(), threading.Lock()
    visitors = [
        threading.Thread(target=visit, args=(site, number, done, met, lock))
        for number in range(VISITORS)
    ]
    before = [answered(server) for server in servers]
    for visitor in visitors:
        visitor.start()
    time.sleep(2)
    both = [answered(server) for server in servers]
    os.kill(servers[1].pid, signal.SIGKILL)
    time.sleep(4)
    done.set()
    for visitor in visitors:
        visitor.join()

    assert all(later > earlier for later, earlier in zip(both, before, strict=True))
    assert met.pop(CUT_OFF, 0) <= VISITORS
    assert set(met) == {"200"}
    assert met["200"] > sum(both) - sum(before) > 0
    assert answered(servers[0]) > both[0]
