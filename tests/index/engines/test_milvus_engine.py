"""What Milvus may answer beside what was asked for, and what becomes of it."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from mundap.index.engines.engine import EngineAwayError, EngineError
from mundap.index.engines.milvus_collection import Collection
from mundap.index.engines.milvus_engine import MilvusEngine
from mundap.index.engines.milvus_place import MilvusPlace
from mundap.index.engines.milvus_server import MilvusServer, pymilvus
from tests.index.engines.engines import random_rows
from tests.milvus import Milvus, free_port

Answer = Callable[[], Any]


class Client:
    """What stands for pymilvus: each call gets the next answer, or is met by it."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.waited = [*answers], list[float]()

    def search(self, name: str, timeout: float) -> Any:
        self.waited.append(timeout)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def late() -> Exception:
    """What comes in place of an answer in time."""
    return TimeoutError("DEADLINE_EXCEEDED")


REFUSED = pymilvus().MilvusException(code=65535, message="channel not available")


def server_of(client: Client) -> MilvusServer:
    server = MilvusServer("http://db:19530")
    server._client = client
    return server


def test_what_a_node_leaves_unanswered_is_asked_again() -> None:
    client = Client(late(), REFUSED, ["rows"])

    assert server_of(client).ask("search", "shop") == ["rows"]
    assert client.waited == [1.0, 1.0, 2.0]


def test_what_changes_something_is_asked_once() -> None:
    client = Client(late(), ["rows"])

    with pytest.raises(EngineAwayError, match=r"does not answer \(DEADLINE_EXCEEDED\)\. Start it"):
        server_of(client).ask("search", "shop", timeout=60.0)
    assert client.waited == [60.0]


def test_after_no_answer_nobody_waits_for_the_same_and_the_log_says_it_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = Client(*[late() for _ in range(3)])
    server = server_of(client)

    for _ in range(5):
        with pytest.raises(EngineAwayError, match="does not answer"):
            server.ask("search", "shop")

    assert (len(client.waited), len(caplog.records)) == (3, 1)


def test_a_server_that_says_that_it_cannot_is_asked_other_things(
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = Client(REFUSED, REFUSED, REFUSED, ["rows"])
    server = server_of(client)

    with pytest.raises(EngineAwayError, match=r"answers that it cannot \(channel not available\)"):
        server.ask("search", "shop")
    assert server.ask("search", "shop") == ["rows"]
    assert len(caplog.records) == 1


@pytest.fixture
def engine(lite: Milvus) -> Iterator[MilvusEngine]:
    name = lite.new_name()
    yield MilvusEngine.build(random_rows(40, 8), ["배송", "환불"] * 20, lite.uri, name)
    lite.forget(name)


def lacking(patch: pytest.MonkeyPatch, method: str, times: int, lost: int) -> None:
    """Let so many answers lack the last rows, as of a node that has not loaded them."""
    ask, left = Collection.ask, [times]

    def answered(self: Collection, asked: str, **values: Any) -> Any:
        answer = ask(self, asked, **values)
        if asked != method or not left[0] or "count(*)" in values["output_fields"]:
            return answer
        left[0] -= 1
        if method == "query":
            return answer[:-lost]
        return [
            type("Hits", (), {"ids": hits.ids[:-lost], "distances": hits.distances[:-lost]})()
            for hits in answer
        ]

    patch.setattr(Collection, "ask", answered)


@pytest.mark.parametrize("lost", [1, 10])
def test_a_node_that_has_not_loaded_it_is_not_believed(
    engine: MilvusEngine, monkeypatch: pytest.MonkeyPatch, lost: int
) -> None:
    query = random_rows(1, 8, seed=1)
    wanted = engine.search(query, 10, category="환불")
    lacking(monkeypatch, "search", 3, lost)

    found = engine.search(query, 10, category="환불")

    np.testing.assert_array_equal(found[0].rows, wanted[0].rows)


@pytest.mark.parametrize("method", ["search", "query"])
def test_rows_that_do_not_come_are_no_answer(
    engine: MilvusEngine, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    lacking(monkeypatch, method, 100, 1)

    with pytest.raises(EngineAwayError, match="gave fewer rows than it has; a node may still be l"):
        engine.search(random_rows(1, 8), 10) if method == "search" else engine.vectors()


def test_one_that_is_being_loaded_is_not_waited_for(
    engine: MilvusEngine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Collection, "_load_state", lambda self: "Loading")

    with pytest.raises(EngineAwayError, match=r"is still being loaded\. It is asked again"):
        engine.collection.verify()
    assert "is still being loaded" in caplog.text


def test_an_index_that_cannot_be_made_ends_the_build(
    lite: Milvus, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = iter(["IndexStateNone", "InProgress", "Failed"])
    monkeypatch.setattr(Collection, "_index_state", lambda self: next(states))
    name = lite.new_name()

    with pytest.raises(EngineError, match=rf"the index of collection {name} could not be made"):
        MilvusEngine.build(random_rows(3, 4), [""] * 3, lite.uri, name)
    lite.forget(name)


def test_more_queries_than_one_message_holds_are_searched(engine: MilvusEngine) -> None:
    queries = random_rows(600, 8, seed=2)

    found = engine.search(queries, 1)

    best = (queries @ engine.vectors().T).argmax(axis=1)
    assert [hits.rows.tolist() for hits in found] == [[row] for row in best.tolist()]


def test_a_place_leaves_the_collections_of_one_whose_name_begins_like_its_own(lite: Milvus) -> None:
    name = lite.new_name()
    place, other = MilvusPlace(lite.uri, name), MilvusPlace(lite.uri, f"{name}_000001_b")
    for one in (place, other):
        one.build(1, "dense", random_rows(3, 4), [""] * 3)
    other.point(1)

    place.drop(1)

    there = [one for one in lite.client().list_collections() if one.startswith(name)]
    assert there == [f"{name}_000001_b_000001_dense"]
    other.require_pointed(1)
    lite.forget(name)


def test_that_it_was_dropped_is_logged_where_a_visitor_is_told_nothing_of_it(
    lite: Milvus, engine: MilvusEngine, caplog: pytest.LogCaptureFixture
) -> None:
    lite.forget(engine.collection.name)

    for _ in range(2):
        with pytest.raises(EngineAwayError, match="somebody has dropped it"):
            engine.search(random_rows(1, 8), 1)
    assert caplog.text.count(f"there is no collection {engine.collection.name}") == 1


def test_nothing_listens_is_told_at_once_to_whoever_waits() -> None:
    server = MilvusServer(f"http://127.0.0.1:{free_port()}")

    for _ in range(2):
        with pytest.raises(EngineAwayError, match="does not answer"):
            server.ask("list_collections")
