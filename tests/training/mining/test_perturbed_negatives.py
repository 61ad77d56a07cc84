import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mundap.index.korean.text import match_key
from mundap.training.data.pairs import Pair, PairError
from mundap.training.mining.config import MiningConfig
from mundap.training.mining.perturbed_negatives import perturb
from tests.tiny_encoder import TinyEncoder

TEXTS = ("제가 취소했어요", "환불 되나요", "환불 안 되나요", "비싸요", "배송비 안내", "알려 줘")
PAIRS = [
    Pair("취소하는 법", "제가 취소했어요", "a"),
    Pair("환불", "환불 되나요", "b"),
    Pair("환불 안 되나요", "환불 되나요", "b"),
    Pair("값", "너무 비싸요", "c"),
    Pair("배송", "배송비 안내", "d"),
]


def test_negatives_are_edits_of_the_positive() -> None:
    mined = perturb(PAIRS, TinyEncoder(), MiningConfig(4, fill=False))
    assert set(mined.pairs[0].negatives) == {
        "제가 취소할 거예요",
        "친구가 취소했어요",
        "제가 확정했어요",
        "제가 취소 안 했어요",
    }
    assert mined.pairs[4].negatives == ()
    assert (mined.source, mined.anchors_with_too_few) == ("perturb", 4)


def test_an_edit_that_is_a_known_positive_is_left_out() -> None:
    mined = perturb(PAIRS, TinyEncoder(), MiningConfig(4, fill=False))
    assert set(mined.pairs[1].negatives) == {"환불 됐나요", "교환 되나요"}
    assert set(mined.pairs[2].negatives) == {"환불 됐나요", "교환 되나요"}


def test_scores_are_cosines_with_the_anchor() -> None:
    encoder = TinyEncoder()
    mined = perturb(PAIRS, encoder, MiningConfig(4))
    for pair, score, found in zip(mined.pairs, mined.scores, mined.negatives, strict=True):
        vectors = encoder.encode([pair.anchor, pair.positive, *pair.negatives])
        cosines = vectors[1:] @ vectors[0]
        assert [score, *(n.score for n in found)] == pytest.approx(cosines.tolist(), abs=1e-6)


def test_too_few_edits_are_filled_up_at_random() -> None:
    mined = perturb(PAIRS, TinyEncoder(), MiningConfig(3))
    assert [len(pair.negatives) for pair in mined.pairs] == [3] * 5
    assert [n.filler for n in mined.negatives[4]] == [True] * 3
    assert (mined.anchors_with_too_few, mined.pairs_left_short) == (3, 0)


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.sampled_from(TEXTS), st.sampled_from(TEXTS), st.sampled_from("가나다")),
        min_size=2,
        max_size=6,
    ).filter(lambda rows: len({row[2] for row in rows}) > 1),
    st.integers(1, 4),
    st.none() | st.sampled_from([0.0, 0.3]),
    st.integers(0, 2),
)
def test_no_edit_is_a_known_positive_and_margins_counts_and_seed_hold(
    rows: list[tuple[str, str, str]], count: int, margin: float | None, seed: int
) -> None:
    among = [Pair(*row) for row in rows]
    config = MiningConfig(count, relative_margin=margin, seed=seed)
    mined = perturb(among, TinyEncoder(), config)
    assert mined == perturb(among, TinyEncoder(), config)
    for pair, score, found in zip(mined.pairs, mined.scores, mined.negatives, strict=True):
        groups = {p.group for p in among if {pair.anchor, pair.positive} & {p.anchor, p.positive}}
        known = {match_key(t) for p in among if p.group in groups for t in (p.anchor, p.positive)}
        assert not {match_key(text) for text in pair.negatives} & known
        assert len(set(pair.negatives)) == len(pair.negatives) <= count
        if margin is not None:
            assert all(n.score <= score - abs(score) * margin for n in found)


def test_pairs_of_one_answer_are_refused() -> None:
    with pytest.raises(PairError, match="1 pairs of 1 answers"):
        perturb(PAIRS[:1], TinyEncoder(), MiningConfig())
