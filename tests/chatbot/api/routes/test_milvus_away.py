"""A service whose vectors Milvus keeps, while Milvus is there, gone, and back."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mundap.index.engines.milvus_place import MilvusPlace
from tests import milvus
from tests.chatbot.api_site import Site, code, site
from tests.chatbot.small_faq import kept_by_milvus

QUERY = {"query": "배송비는 얼마인가요?"}


@pytest.fixture(params=["lite", pytest.param("real", marks=[pytest.mark.long, pytest.mark.slow])])
def server(request: pytest.FixtureRequest) -> Iterator[milvus.Milvus]:
    """One that a test may kill: the real one where its executable is named."""
    if request.param == "real" and (milvus.REAL is None or "://" in milvus.REAL):
        pytest.skip(milvus.WHY_NOT)
    with milvus.lite() if request.param == "lite" else milvus.real() as found:
        yield found


def assert_away(api: Site) -> None:
    """Everybody is told to come back, at once, and nobody what our servers are called."""
    for path, body in (("/v1/ask", QUERY), ("/v1/search", QUERY)):
        refused = api.post(path, body)
        assert code(refused) == (503, "not_searched")
        assert int(refused.headers["Retry-After"]) > 0
        assert "127.0.0.1" not in refused.text
        assert "Milvus" not in refused.text
    not_ready = api.get("/readyz")
    assert code(not_ready) == (503, "not_ready")
    assert int(not_ready.headers["Retry-After"]) > 0
    assert api.get("/healthz").status_code == 200


def until_answered(api: Site) -> httpx.Response:
    for _ in range(300):
        reply = api.post("/v1/ask", QUERY)
        if reply.status_code == 200:
            return reply
        time.sleep(0.1)
    raise AssertionError(reply.text)


def test_it_answers_says_that_it_cannot_and_answers_again(
    tmp_path: Path, server: milvus.Milvus, caplog: pytest.LogCaptureFixture
) -> None:
    kept_by_milvus(tmp_path, MilvusPlace(server.uri, server.new_name()))
    with site(tmp_path) as api:
        before = api.post("/v1/ask", QUERY).json()
        assert (before["kind"], before["entry_id"]) == ("answer", "delivery-1")
        assert api.get("/readyz").status_code == 200

        server.kill()
        until_refused(api)
        assert_away(api)
        assert f"Milvus at {server.uri} does not answer" in caplog.text

        server.start()
        after = until_answered(api).json()
        assert api.get("/readyz").status_code == 200
        told = ("kind", "entry_id", "answer", "score")
        assert [after[name] for name in told] == [before[name] for name in told]


def until_refused(api: Site) -> None:
    """The probe of a moment ago is believed for a second."""
    while api.get("/readyz").status_code == 200:
        time.sleep(0.1)


def test_it_starts_without_milvus_and_answers_once_that_is_there(
    tmp_path: Path, server: milvus.Milvus
) -> None:
    kept_by_milvus(tmp_path, MilvusPlace(server.uri, server.new_name()))
    server.kill()
    with site(tmp_path) as api:
        assert_away(api)

        server.start()

        assert until_answered(api).json()["entry_id"] == "delivery-1"
        assert api.get("/readyz").status_code == 200


def test_a_collection_that_is_dropped_while_it_serves_is_a_503_that_the_log_explains(
    tmp_path: Path, server: milvus.Milvus, caplog: pytest.LogCaptureFixture
) -> None:
    place = MilvusPlace(server.uri, server.new_name())
    kept_by_milvus(tmp_path, place)
    with site(tmp_path) as api:
        server.forget(place.name)

        until_refused(api)

        assert_away(api)
        assert (
            f"there is no collection {place.name}_000001_dense; somebody has dropped it"
            in caplog.text
        )
