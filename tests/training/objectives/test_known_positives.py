import dataclasses
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.korean.text import match_key
from mundap.training.data.pairs import Pair
from mundap.training.data.split import Split
from mundap.training.fit.trainer import train
from mundap.training.objectives.known_positives import NOBODY, answer_labels, known_positives
from mundap.training.objectives.mnrl import Mnrl
from tests.training.small_base import PAIRS, configured, record

TEXTS = st.sampled_from(["가", "나", "다", "라", "마", "A", "a", "바 사", "바  사"])
ROWS = st.lists(
    st.tuples(TEXTS, TEXTS, st.sampled_from("갑을병"), st.lists(TEXTS, min_size=2, max_size=2)),
    min_size=1,
    max_size=8,
)


def test_each_negative_has_the_number_of_its_answer() -> None:
    pairs = [
        Pair("환불 언제 돼요?", "3일 안에요.", "환불"),
        Pair("배송비 얼마예요?", "3천 원이에요.", "배송비"),
        Pair("배송비 있나요?", "3천 원이에요.", "배송비"),
    ]
    negatives = [
        ["배송비  있나요?", "환불 안 돼요?"],
        ["3일 안에요.", "배송비 얼마예요?"],
        ["", "쿠폰"],
    ]
    assert answer_labels(pairs, negatives) == [[0, 1, NOBODY], [1, 0, 1], [1, NOBODY, NOBODY]]


def test_answers_that_share_a_text_have_one_number() -> None:
    pairs = [
        Pair("얼마예요?", "3천 원이에요.", "배송비"),
        Pair("얼마예요?", "5천 원이에요.", "반품비"),
        Pair("언제 와요?", "내일요.", "배송일"),
    ]
    assert answer_labels(pairs, [["5천 원이에요."], ["내일요."], ["3천 원이에요."]]) == [
        [0, 0],
        [0, 1],
        [1, 0],
    ]


@given(ROWS)
def test_whatever_shares_an_answer_with_an_anchor_has_its_number(
    rows: list[tuple[str, str, str, list[str]]],
) -> None:
    pairs = [Pair(anchor, positive, group) for anchor, positive, group, _ in rows]
    negatives = [row[3] for row in rows]
    labels = answer_labels(pairs, negatives)
    groups: dict[str, set[str]] = {}
    for pair in pairs:
        for text in (pair.anchor, pair.positive):
            groups.setdefault(match_key(text), set()).add(pair.group)
    for pair, (own, *_) in zip(pairs, labels, strict=True):
        for texts, (_, *numbers) in zip(negatives, labels, strict=True):
            for text, number in zip(texts, numbers, strict=True):
                of = groups.get(match_key(text), set())
                assert (number == NOBODY) == (not of)
                assert pair.group not in of or number == own


def test_the_mask_names_documents_negative_by_negative() -> None:
    labels = torch.tensor([[0, 1, NOBODY], [1, 1, 0], [2, 0, 1]])
    hidden = [
        # positives; first negatives; second negatives, each of the three rows
        [0, 0, 0, 0, 0, 1, 0, 1, 0],
        [0, 0, 0, 1, 0, 0, 0, 0, 1],
        [0, 0, 0, 0, 0, 0, 0, 0, 0],
    ]
    assert known_positives(labels).int().tolist() == hidden


@pytest.mark.parametrize("dimensions", [(), (8, 4)], ids=["plain", "matryoshka"])
def test_training_with_negatives_of_one_another_learns(
    dimensions: tuple[int, ...], base: Path, tmp_path: Path
) -> None:
    others = [next(q for q in PAIRS if q.group != pair.group).anchor for pair in PAIRS]
    pairs = [
        dataclasses.replace(pair, negatives=(other,))
        for pair, other in zip(PAIRS, others, strict=True)
    ]
    objective = Mnrl(dimensions=dimensions)
    path = train(Split(pairs, None, []), configured(base, epochs=4), tmp_path / "e", objective)
    losses = [row["loss"] for row in record(path)["history"]]
    assert losses[-1] < losses[0]
