import logging
import shutil
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mundap.index.encoders.encoder import EncoderError
from mundap.index.faq.entry import FaqEntry
from mundap.index.search.hit import Hit
from mundap.index.search.reranker import Reranker
from mundap.index.similarity.scale import LINEAR, StsScale
from tests.index.small_cross_encoder import write_cross_encoder

QUERY = "환불 언제 되나요"


class Scripted:
    """A `PairEncoder` that says what a function of the second sentence says."""

    fingerprint = "scripted"
    usual_scale: StsScale = LINEAR
    has_cosines = False

    def __init__(self, closeness: Callable[[str], float]) -> None:
        self._closeness = closeness
        self.asked: list[list[tuple[str, str]]] = []

    def closeness(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        self.asked.append(list(pairs))
        return np.array([self._closeness(other) for _, other in pairs], dtype=np.float64)


def hit(entry_id: str, score: float, question: str = "") -> Hit:
    question = question or f"물음 {entry_id}"
    return Hit(FaqEntry(entry_id, question, f"답 {entry_id}"), question, score)


HITS = [hit("a", 0.9), hit("b", 0.8), hit("c", 0.7), hit("d", 0.6)]


def order(hits: Sequence[Hit]) -> list[tuple[str, float]]:
    return [(item.entry_id, item.score) for item in hits]


def test_the_first_hits_are_ordered_by_closeness_to_their_question() -> None:
    closeness = {"물음 a": 0.1, "물음 b": 0.7, "물음 c": 0.5}
    encoder = Scripted(closeness.__getitem__)
    found = Reranker(encoder, top=3).rerank(QUERY, HITS[:3])
    assert order(found) == [("b", 0.7), ("c", 0.5), ("a", 0.1)]
    assert encoder.asked == [[(QUERY, "물음 a"), (QUERY, "물음 b"), (QUERY, "물음 c")]]
    assert [item.entry for item in found] == [HITS[1].entry, HITS[2].entry, HITS[0].entry]


def test_hits_after_the_first_keep_their_order_and_distances_below() -> None:
    found = Reranker(Scripted({"물음 a": 0.2, "물음 b": 0.3}.__getitem__), top=2).rerank(
        QUERY, HITS
    )
    assert [item.entry_id for item in found] == ["b", "a", "c", "d"]
    assert found[2].score == pytest.approx(0.2, abs=1e-5)
    assert found[2].score < 0.2
    assert found[2].score - found[3].score == pytest.approx(0.1)


def test_hits_after_the_first_that_lie_below_keep_their_scores() -> None:
    found = Reranker(Scripted(lambda _: 0.95), top=2).rerank(QUERY, HITS)
    assert order(found) == [("b", 0.95), ("a", 0.95), ("c", 0.7), ("d", 0.6)]


def test_equal_closeness_is_ordered_by_entry_id_descending() -> None:
    found = Reranker(Scripted(lambda _: 0.5)).rerank(QUERY, HITS)
    assert [item.entry_id for item in found] == ["d", "c", "b", "a"]


def test_no_hits_stay_none_and_compare_nothing() -> None:
    encoder = Scripted(lambda _: 0.5)
    assert Reranker(encoder).rerank(QUERY, []) == []
    assert encoder.asked == []


@given(
    st.lists(st.floats(-1, 1), min_size=0, max_size=12),
    st.integers(1, 14),
    st.randoms(use_true_random=False),
)
def test_the_same_entries_return_in_falling_order_of_score(
    scores: list[float], top: int, chance: Random
) -> None:
    hits = [hit(f"e{row:02}", score) for row, score in enumerate(sorted(scores, reverse=True))]
    found = Reranker(Scripted(lambda _: chance.random()), top=top).rerank(QUERY, hits)
    assert sorted(item.entry_id for item in found) == [item.entry_id for item in hits]
    assert [item.score for item in found] == sorted((i.score for i in found), reverse=True)
    assert {i.entry_id for i in found[:top]} == {i.entry_id for i in hits[:top]}


def test_a_failure_serves_the_first_order_and_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(_: str) -> float:
        raise EncoderError("cross: gives NaN or infinity; its weights are bad.")

    reranker = Reranker(Scripted(fail))
    with caplog.at_level(logging.WARNING):
        assert reranker.rerank(QUERY, HITS) == HITS
        assert reranker.rerank("배송비", HITS[:2]) == HITS[:2]
    (record,) = caplog.records
    assert record.getMessage().startswith("Reranking left out: cross: gives NaN or infinity; ")
    assert record.__dict__["fields"] == {
        "event": "rerank_failed",
        "kind": "EncoderError",
        "reason": "cross: gives NaN or infinity; its weights are bad.",
    }
    assert QUERY not in caplog.text


def test_a_pair_without_a_closeness_is_a_failure_too(caplog: pytest.LogCaptureFixture) -> None:
    encoder = Scripted(lambda _: 0.5)
    encoder.closeness = lambda pairs: np.zeros(len(pairs) - 1)  # type: ignore[method-assign]
    assert Reranker(encoder).rerank(QUERY, HITS) == HITS
    assert caplog.records[0].__dict__["fields"]["kind"] == "ValueError"


def test_a_late_comparison_serves_the_first_order_until_it_has_ended(
    caplog: pytest.LogCaptureFixture,
) -> None:
    go_on, asked = threading.Event(), threading.Event()

    def wait(_: str) -> float:
        asked.set()
        assert go_on.wait(60)
        return 0.5

    encoder = Scripted(wait)
    reranker = Reranker(encoder, deadline=0.05)
    try:
        assert reranker.rerank(QUERY, HITS) == HITS
        assert asked.wait(60)
        assert reranker.rerank(QUERY, HITS) == HITS
        assert len(encoder.asked) == 1  # nothing queues behind a comparison that is late
    finally:
        go_on.set()
    assert reranker._overdue is not None
    reranker._overdue.result(timeout=60)
    patient = Reranker(encoder, deadline=60)
    patient._worker = reranker._worker
    assert [item.entry_id for item in patient.rerank(QUERY, HITS)] == ["d", "c", "b", "a"]
    assert [record.__dict__["fields"]["reason"] for record in caplog.records] == [
        "no answer within 0.05 s"
    ]


def test_after_a_late_comparison_has_ended_reranking_goes_on() -> None:
    go_on = threading.Event()
    reranker = Reranker(Scripted(lambda _: 0.5 if go_on.wait(60) else 0.0), deadline=0.05)
    assert reranker.rerank(QUERY, HITS) == HITS
    go_on.set()
    assert reranker._overdue is not None
    reranker._overdue.result(timeout=60)
    reranker._deadline = 60
    assert [item.entry_id for item in reranker.rerank(QUERY, HITS)] == ["d", "c", "b", "a"]


def test_many_threads_are_served_each_its_own_order() -> None:
    reranker = Reranker(Scripted(lambda text: float(text)), deadline=60)
    found: dict[int, list[str]] = {}

    def ask(number: int) -> None:
        hits = [hit(f"{number}-{i}", 0.5, str((i * number) % 7)) for i in range(7)]
        found[number] = [item.question for item in reranker.rerank(QUERY, hits)]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: list("6543210") for number in range(1, 7)}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"top": 0}, "top is 0; wanted at least 1 hit"),
        ({"deadline": 0}, "deadline is 0; wanted more than 0 seconds"),
        ({"deadline": float("nan")}, "deadline is nan; wanted more than 0 seconds"),
    ],
)
def test_bounds_that_make_no_sense_are_refused(options: dict[str, float], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Reranker(Scripted(lambda _: 0.5), **options)  # type: ignore[arg-type]


def test_a_cross_encoder_is_loaded_with_its_weights(tmp_path: Path) -> None:
    bert = write_cross_encoder(tmp_path / "cross")
    reranker = Reranker.load(bert, deadline=60)
    pairs = [hit("a", 0.9, "환불 되나"), hit("b", 0.8, "배송비는 얼마예요")]
    found = reranker.rerank("환불 돼?", pairs)
    assert sorted(item.entry_id for item in found) == ["a", "b"]
    assert all(0 < item.score < 1 for item in found)
    assert len(reranker.fingerprint) == 64


def test_damaged_weights_are_refused_at_the_start(tmp_path: Path) -> None:
    bert = write_cross_encoder(tmp_path / "cross")
    shutil.copytree(bert, tmp_path / "copy")
    (tmp_path / "copy" / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(EncoderError, match="copy: not a loadable cross-encoder"):
        Reranker.load(tmp_path / "copy")
