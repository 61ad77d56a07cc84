"""A service whose vectors a cluster of Milvus keeps in two replicas, one of which is killed."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from mundap.index.engines.milvus_place import MilvusPlace
from tests import milvus_cluster
from tests.chatbot.api_site import Site, site
from tests.chatbot.small_faq import ENTRIES, kept_by_milvus
from tests.milvus_cluster import QUERY_NODES, Cluster

pytestmark = [pytest.mark.long, pytest.mark.slow]
VISITORS = 4
# Seconds for which a node is gone, and for which it is back.
KILLED, BACK = 15, 45


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    if (reason := milvus_cluster.why_not()) is not None:
        pytest.skip(reason)
    with milvus_cluster.cluster() as found:
        yield found


def visit(api: Site, number: int, done: threading.Event, met: Counter[tuple[int, bool]]) -> None:
    """Ask again and again; count what comes back, and whether it is the answer."""
    while not done.is_set():
        entry = ENTRIES[number % len(ENTRIES)]
        reply = api.post("/v1/ask", {"query": entry.question})
        met[reply.status_code, reply.json().get("entry_id") == entry.entry_id] += 1
        number += 1


def test_nobody_notices_that_a_query_node_is_killed_under_load_and_comes_back(
    tmp_path: Path, cluster: Cluster
) -> None:
    place = MilvusPlace(cluster.uri, cluster.new_name(), replicas=2)
    kept_by_milvus(tmp_path, place)
    collection = f"{place.name}_000001_dense"
    assert len(cluster.leaders(collection)) == len(QUERY_NODES)

    met, done = Counter[tuple[int, bool]](), threading.Event()
    with site(tmp_path) as api:
        visitors = [
            threading.Thread(target=visit, args=(api, number, done, met))
            for number in range(VISITORS)
        ]
        for visitor in visitors:
            visitor.start()
        time.sleep(2)
        before = met.total()
        cluster.kill_role(QUERY_NODES[0])
        time.sleep(KILLED)
        without = met.total()
        # Before it has loaded anything it gives empty answers, for half a minute or longer.
        cluster.run_role(QUERY_NODES[0])
        time.sleep(BACK)
        done.set()
        for visitor in visitors:
            visitor.join()

    assert set(met) == {(200, True)}
    assert met.total() > without > before > 0
