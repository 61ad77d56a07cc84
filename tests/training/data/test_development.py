from collections.abc import Sequence
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.evaluation.queries import Query
from mundap.index.encoders.encoder import Vectors
from mundap.index.faq.entry import FaqEntry
from mundap.index.korean.text import match_key
from mundap.training.config import TrainingConfig
from mundap.training.data.development import (
    PRIMARY,
    Development,
    DevelopmentEvaluator,
    development_from_faq,
    development_from_pairs,
    split_groups,
)
from mundap.training.data.pairs import Pair
from mundap.training.data.split import Split
from tests.tiny_encoder import TinyEncoder

REFUND = FaqEntry("refund", "환불 되나요?", "네.", ("환불 가능?", "돈 돌려받기", "물러 줘"), "환불")
FEE = FaqEntry("fee", "배송비는?", "3,000원이에요.", (), "배송")


class TinyTransformer:
    """As much of a `SentenceTransformer` as a measurement needs."""

    def __init__(self) -> None:
        self._encoder = TinyEncoder(dimension=256)
        self.prompts: dict[str, str] = {}

    def get_embedding_dimension(self) -> int:
        return self._encoder.dimension

    def encode(self, texts: Sequence[str], **options: Any) -> Vectors:
        return self._encoder.encode(texts)


def groups(count: int) -> list[str]:
    return [f"답 {number}" for number in range(count)]


@pytest.mark.parametrize(
    ("count", "share", "held_out"),
    [(1, 0.1, 0), (2, 0.5, 0), (3, 0.1, 1), (3, 0.5, 1), (9, 0.0, 0), (10, 0.3, 3), (99, 0.1, 10)],
)
def test_a_share_of_the_answers_is_held_out_and_two_are_left(
    count: int, share: float, held_out: int
) -> None:
    # Each answer stands five times: it counts once.
    assert len(split_groups(groups(count) * 5, share, seed=0)) == held_out


def test_the_seed_decides_which_and_the_order_of_the_rows_does_not() -> None:
    first = split_groups(groups(50), 0.2, seed=3)
    assert split_groups(groups(50)[::-1], 0.2, seed=3) == first
    assert split_groups(groups(50), 0.2, seed=4) != first


def test_a_held_out_entry_is_asked_by_every_second_phrasing() -> None:
    assert development_from_faq([FEE, REFUND], {"네."}) == Development(
        corpus=(FEE, FaqEntry("refund", "환불 되나요?", "네.", ("돈 돌려받기",))),
        queries=(Query("d000001", "환불 가능?", "refund"), Query("d000002", "물러 줘", "refund")),
    )


def test_an_entry_without_alternates_asks_its_question_and_is_found_by_its_answer() -> None:
    assert development_from_faq([FEE, REFUND], {match_key(FEE.answer)}) == Development(
        corpus=(FaqEntry("fee", "3,000원이에요.", "3,000원이에요."), REFUND),
        queries=(Query("d000001", "배송비는?", "fee"),),
    )


def test_anchors_of_held_out_pairs_search_the_positives_of_all() -> None:
    pairs = [
        Pair("환불 가능?", "환불 되나요", "r"),
        Pair("돈 돌려받기", "환불 되나요", "r"),
        Pair("배송비는?", "택배 요금", "f"),
        Pair("환불 되나요", "물러 줘", "r"),  # its anchor is a positive, so it is no query
    ]
    assert development_from_pairs(pairs, {"r"}) == Development(
        corpus=(
            FaqEntry("g000000", "환불 되나요", "환불 되나요", ("환불 되나요", "물러 줘")),
            FaqEntry("g000001", "택배 요금", "택배 요금"),
        ),
        queries=(
            Query("d000001", "환불 가능?", "g000000"),
            Query("d000002", "돈 돌려받기", "g000000"),
        ),
    )


TEXTS = st.sampled_from([f"표현 {letter}" for letter in "가나다라마바사아자차카타파하"])


@st.composite
def faqs(draw: st.DrawFn) -> list[FaqEntry]:
    answers = draw(st.lists(st.sampled_from("갑을병정무기"), min_size=1, max_size=12))
    return [
        FaqEntry(f"e{row}", draw(TEXTS), answer, tuple(draw(st.lists(TEXTS, max_size=4))))
        for row, answer in enumerate(answers)
    ]


@given(faqs(), st.sampled_from([0.1, 0.3, 0.5]), st.integers(0, 99))
def test_a_split_of_a_faq_never_splits_an_answer(
    entries: list[FaqEntry], share: float, seed: int
) -> None:
    split = Split.of_faq(entries, TrainingConfig(development=share, seed=seed))
    trained, held_out = ({pair.group for pair in rows} for rows in (split.pairs, split.held_out))
    assert trained.isdisjoint(held_out)
    assert trained | held_out == {match_key(entry.answer) for entry in entries}
    if split.development is None:
        assert held_out == set()
        return
    answers = {entry.entry_id: entry.answer for entry in entries}
    assert {match_key(answers[query.entry_id]) for query in split.development.queries} == held_out
    assert [entry.entry_id for entry in split.development.corpus] == list(answers)


@given(faqs(), st.integers(0, 99))
def test_no_query_of_a_split_is_a_passage_of_its_own_entry(
    entries: list[FaqEntry], seed: int
) -> None:
    split = Split.of_faq(entries, TrainingConfig(development=0.5, seed=seed))
    if split.development is None:
        return
    passages = {entry.entry_id: entry.passages for entry in split.development.corpus}
    assert [q for q in split.development.queries if q.text in passages[q.entry_id]] == []


def test_a_split_of_pairs_never_splits_a_group() -> None:
    pairs = [Pair(f"물음 {row}", f"답 {row}", f"{row % 7}") for row in range(40)]
    split = Split.of_pairs(pairs, TrainingConfig(development=0.3))
    assert {pair.group for pair in split.pairs} & {pair.group for pair in split.held_out} == set()
    assert len(split.pairs) + len(split.held_out) == 40
    assert split.development is not None
    assert {q.text for q in split.development.queries} == {pair.anchor for pair in split.held_out}


def test_pairs_without_a_query_to_ask_are_all_trained_on() -> None:
    pairs = [Pair(text, text, text) for text in "가나다라"]
    split = Split.of_pairs(pairs, TrainingConfig(development=0.3))
    assert (split.pairs, split.development, split.held_out) == (pairs, None, [])


def test_nothing_is_held_out_when_no_share_is_asked_for() -> None:
    split = Split.of_faq([FEE, REFUND] * 3, TrainingConfig(development=0.0))
    assert (split.development, split.held_out) == (None, [])


def test_the_evaluator_measures_answers_found() -> None:
    development = Development(
        corpus=(FEE, REFUND),
        queries=(
            Query("d1", "환불 되나요?!", "refund"),
            Query("d2", "배송비는??", "fee"),
            Query("d3", "환불 가능해?", "fee"),  # the encoder will say "refund"
        ),
    )
    evaluator = DevelopmentEvaluator(development)
    figures = evaluator(cast("Any", TinyTransformer()))
    assert evaluator.primary_metric == PRIMARY
    assert PRIMARY in figures
    assert figures == pytest.approx(
        {
            "hit@1": 2 / 3,
            "hit@3": 1.0,
            "hit@10": 1.0,
            "mrr@10": (1 + 1 + 1 / 2) / 3,
            "ndcg@10": (1 + 1 + 0.6309297535714575) / 3,
        }
    )
