import dataclasses
from collections.abc import Sequence
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from mundap.index.korean.morphemes import content_forms
from mundap.index.korean.text import match_key
from mundap.training.data.pairs import Pair, PairError
from mundap.training.mining.bm25_negatives import Bm25Scorer
from mundap.training.mining.config import MiningConfig
from mundap.training.mining.encoder_negatives import EncoderScorer
from mundap.training.mining.mined import Mined
from mundap.training.mining.mining import mine, ranked
from tests.tiny_encoder import TinyEncoder
from tests.training.small_pairs import LetterScorer, pairs

SENTENCES = [
    "배송비는 얼마인가요?",
    "배송비 무료 기준이 얼마예요",
    "환불은 며칠 걸려요?",
    "환불 언제 되나요",
    "교환은 며칠 걸려요?",
    "쿠폰은 어디에 등록하나요?",
    "쿠폰 등록이 안 돼요ㅠㅠ",
    "회원 등록은 어디서 하나요?",
    "refund는 며칠 걸려요",
    "안녕하세요",
    "ㅎㅎ",
    "카드 등록 방법 등록",
]
# Each sentence with an answer of its own.
APART = [Pair(text, f"답 {row}", f"g{row}") for row, text in enumerate(SENTENCES)]


def known_positives(pair: Pair, among: Sequence[Pair]) -> set[str]:
    """The oracle: every text of every group that holds the anchor or the positive."""
    own = {match_key(pair.anchor), match_key(pair.positive)}
    groups = {p.group for p in among if own & {match_key(p.anchor), match_key(p.positive)}}
    return {match_key(t) for p in among if p.group in groups for t in (p.anchor, p.positive)}


def keys(texts: Sequence[str]) -> list[str]:
    return [match_key(text) for text in texts]


@given(
    pairs,
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(0, 6),
    st.none() | st.sampled_from([0.0, 0.1, 0.5]),
    st.none() | st.sampled_from([0.0, 0.05, 1.0]),
    st.booleans(),
    st.integers(0, 3),
)
def test_no_negative_is_a_known_positive_and_margins_counts_and_seed_hold(
    mined_from: list[Pair],
    count: int,
    first: int,
    wider: int,
    absolute: float | None,
    relative: float | None,
    fill: bool,
    seed: int,
) -> None:
    config = MiningConfig(count, first, first + count - 1 + wider, absolute, relative, fill, seed)
    mined = mine(mined_from, LetterScorer, config)
    assert mined == mine(mined_from, LetterScorer, config)
    bare = [dataclasses.replace(pair, negatives=()) for pair in mined.pairs]
    assert bare == mined_from
    for pair, score, found in zip(mined.pairs, mined.scores, mined.negatives, strict=True):
        assert not set(keys(pair.negatives)) & known_positives(pair, mined_from)
        assert len(pair.negatives) == len(set(keys(pair.negatives))) <= count
        assert pair.negatives == tuple(negative.text for negative in found)
        assert fill or not any(negative.filler for negative in found)
        for negative in found:
            if absolute is not None:
                assert negative.score <= score - absolute
            if relative is not None:
                assert negative.score <= score - abs(score) * relative
        mined_ones = [negative.score for negative in found if not negative.filler]
        assert mined_ones == sorted(mined_ones, reverse=True)
        assert all(value > 0 for value in mined_ones)


def window_by_hand(pair: Pair, among: Sequence[Pair], first: int, last: int) -> set[str]:
    """The oracle: rank all other texts one by one, and cut the window out."""
    texts = list(dict.fromkeys(text for p in among for text in (p.anchor, p.positive)))
    row = texts.index(pair.anchor)
    scores = LetterScorer(texts).scores(np.array([row]))[0]
    known = known_positives(pair, among)
    others = [
        (-scores[number], number)
        for number, text in enumerate(texts)
        if match_key(text) not in known and scores[number] > 0
    ]
    return {texts[number] for _, number in sorted(others)[first - 1 : last]}


@given(pairs, st.integers(1, 3), st.integers(0, 3))
def test_a_window_as_wide_as_the_count_is_taken_whole(
    mined_from: list[Pair], first: int, wider: int
) -> None:
    plain = [
        Pair(p.anchor.strip().lower(), p.positive.strip().lower(), p.group) for p in mined_from
    ]
    config = MiningConfig(count=wider + 1, first=first, last=first + wider, fill=False)
    mined = mine(plain, LetterScorer, config)
    for pair in mined.pairs:
        assert set(pair.negatives) == window_by_hand(pair, plain, first, first + wider)


def test_another_seed_draws_other_negatives() -> None:
    drawn = {
        tuple(pair.negatives for pair in mine(APART, LetterScorer, MiningConfig(2, seed=s)).pairs)
        for s in range(3)
    }
    assert len(drawn) == 3


def test_blocks_do_not_decide_what_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = mine(APART, LetterScorer, MiningConfig(2))
    monkeypatch.setattr("mundap.training.mining.mining._BLOCK", 1)
    done: list[tuple[int, int]] = []
    assert mine(APART, LetterScorer, MiningConfig(2), lambda *at: done.append(at)) == whole
    assert done == [(number, len(APART)) for number in range(1, len(APART) + 1)]


def test_one_question_under_two_answers_has_the_positives_of_both() -> None:
    twice = [
        Pair("안녕", "반가워", "a"),
        Pair("안녕 ", "하이", "b"),
        Pair("안녕히", "잘 가", "c"),
        Pair("안녕하", "하이루", "b"),
    ]
    mined = mine(twice, LetterScorer, MiningConfig(4, fill=True))
    assert set(mined.pairs[0].negatives) == {"안녕히", "잘 가"}
    assert set(mined.pairs[2].negatives) < {"안녕", "반가워", "하이", "안녕하", "하이루"}
    assert len(mined.pairs[2].negatives) == 4


def test_anchors_with_too_few_are_counted_and_filled_up_at_random() -> None:
    four = [Pair("가나", "가다", "1"), Pair("라", "마", "2"), Pair("라", "바", "2")]
    mined = mine(four, LetterScorer, MiningConfig(3, fill=False))
    assert [pair.negatives for pair in mined.pairs] == [(), (), ()]
    assert (mined.anchors_with_too_few, mined.pairs_left_short) == (2, 3)
    filled = mine(four, LetterScorer, MiningConfig(2))
    assert set(filled.pairs[1].negatives) == {"가나", "가다"}
    assert all(negative.filler for found in filled.negatives for negative in found)
    assert (filled.anchors_with_too_few, filled.pairs_left_short) == (2, 0)
    assert filled.summary() == (
        "3 pairs of 2 anchors; 2 anchors have fewer than 2 negatives from letters, and 0 pairs "
        "are left with fewer."
    )


def test_pairs_of_one_answer_are_refused() -> None:
    one = [Pair("환불", "네.", "네."), Pair("환불 되나요", "네.", "네.")]
    with pytest.raises(PairError, match="2 pairs of 1 answers; wanted at least 2"):
        mine(one, LetterScorer, MiningConfig())
    with pytest.raises(PairError, match="0 pairs of 0 answers"):
        mine([], LetterScorer, MiningConfig())


@given(st.lists(st.integers(-3, 5), min_size=1, max_size=20), st.integers(1, 25))
def test_ranked_is_a_stable_sort_of_what_scores_above_0(values: list[int], k: int) -> None:
    scores = np.array([value if value > -3 else -np.inf for value in values], dtype=np.float32)
    expected = sorted((row for row, v in enumerate(values) if v > 0), key=lambda r: -values[r])
    assert ranked(scores, k).tolist() == expected[:k]


def test_bm25_scores_are_those_of_rank_bm25() -> None:
    reference = BM25Okapi([content_forms(text) for text in SENTENCES])
    expected = [reference.get_scores(content_forms(text)) for text in SENTENCES]
    found = Bm25Scorer.build(SENTENCES).scores(np.arange(len(SENTENCES)))
    np.testing.assert_allclose(found, np.array(expected), rtol=1e-5, atol=1e-6)


def test_bm25_mines_the_top_results_of_rank_bm25() -> None:
    texts = list(dict.fromkeys(text for pair in APART for text in (pair.anchor, pair.positive)))
    reference = BM25Okapi([content_forms(text) for text in texts])
    mined = mine(APART, Bm25Scorer.build, MiningConfig(3, last=3, fill=False))
    for pair in mined.pairs:
        scores = reference.get_scores(content_forms(pair.anchor)).astype(np.float32)
        others = [
            row
            for row, text in enumerate(texts)
            if scores[row] > 0 and text not in (pair.anchor, pair.positive)
        ]
        order = sorted(others, key=lambda row: (-round(float(scores[row]), 4), row))
        assert list(pair.negatives) == [texts[row] for row in order[:3]]


def test_a_term_of_most_texts_adds_nothing() -> None:
    texts = ["환불 배송", "환불 쿠폰", "환불 교환", "포인트"]
    assert Bm25Scorer.build(texts).scores(np.array([0]))[0, 1] == 0


def test_texts_without_a_word_score_0() -> None:
    scorer = Bm25Scorer.build(["ㅎㅎ", "?"])
    assert scorer.scores(np.array([0, 1])).tolist() == [[0, 0], [0, 0]]


def test_an_encoder_mines_the_brute_force_neighbours(tiny_encoder: TinyEncoder) -> None:
    texts = list(dict.fromkeys(text for pair in APART for text in (pair.anchor, pair.positive)))
    vectors = tiny_encoder.encode(texts).astype(np.float64)
    build = partial(EncoderScorer.build, encoder=tiny_encoder)
    mined = mine(APART, build, MiningConfig(3, last=3, fill=False))
    for number, pair in enumerate(mined.pairs):
        cosines = vectors @ vectors[texts.index(pair.anchor)]
        others = [
            row
            for row, text in enumerate(texts)
            if text not in (pair.anchor, pair.positive) and round(float(cosines[row]), 5) > 0
        ]
        order = sorted(others, key=lambda row: (-round(float(cosines[row]), 5), row))
        assert list(pair.negatives) == [texts[row] for row in order[:3]]
        assert mined.scores[number] == pytest.approx(cosines[texts.index(pair.positive)], abs=1e-6)


def test_scorers_name_their_source(tiny_encoder: TinyEncoder) -> None:
    mined = mine(APART, Bm25Scorer.build, MiningConfig())
    assert isinstance(mined, Mined)
    assert (mined.source, EncoderScorer.build(["가"], tiny_encoder).source) == ("bm25", "encoder")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"count": 0}, "count is 0; wanted 1 to 100"),
        ({"first": 0}, "first is 0; wanted 1 to"),
        ({"last": 0}, "last is 0; wanted 1 to"),
        ({"absolute_margin": -0.1}, "absolute_margin is -0.1; wanted 0"),
        ({"relative_margin": 1.5}, "relative_margin is 1.5; wanted 0"),
        ({"seed": -1}, "seed is -1; wanted 0"),
        ({"first": 48, "last": 50}, "ranks 48 to 50 hold fewer than 4 negatives. Widen"),
    ],
)
def test_a_config_that_makes_no_sense_is_refused(changes: dict[str, float], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        MiningConfig(**changes)


def test_margins_take_the_lower_limit() -> None:
    config = MiningConfig(absolute_margin=0.2, relative_margin=0.5)
    assert [config.highest(score) for score in (1.0, 0.2, -0.5)] == pytest.approx([0.5, 0, -0.75])
    assert MiningConfig().highest(0.3) == np.inf
