"""What there is to judge the first hit by."""

import math
import unicodedata
from dataclasses import astuple, replace

import numpy as np
import pytest

from mundap.index.search.evidence import Evidence
from mundap.index.search.retriever import Retriever
from mundap.index.search.scope import UNKNOWN
from tests.index import shop_faq
from tests.index.search.by_cosines import DENSE_ONLY, entry, ranked
from tests.tiny_encoder import TinyEncoder


def test_evidence_is_closeness_lead_over_five_rivals_and_length() -> None:
    # The best .9; rivals .8 .7 .6 .5 .4 with the mean .6, and one more that no longer counts.
    entries = [entry(str(number), f"환불 {number}") for number in (9, 8, 7, 6, 5, 4, 0)]

    ranking = ranked(entries, DENSE_ONLY, "환불 영수증 쿠폰")

    assert ranking.evidence is not None
    found = astuple(ranking.evidence)[:3]
    assert found == pytest.approx((0.9 / 3**0.5, 0.9 - 0.6, math.log(1 + 3)), abs=1e-6)


def test_evidence_tells_how_likely_the_first_is_among_all_and_shows_its_signals() -> None:
    # Two entries have the answer of the first; they count once, as the best of them.
    entries = [entry(str(number), f"환불 {number}") for number in (8, 7, 6, 3)]
    twins = [entry("best", "환불 9", answer="같은 답"), entry("twin", "환불 8", answer="같은 답")]
    fusion = replace(DENSE_ONLY, sharpness=10.0)

    ranking = ranked([*entries, *twins], fusion, "환불 영수증")

    likely = np.exp(10.0 * np.array([0.9, 0.8, 0.7, 0.6, 0.3]))
    best = ranking.hits[0]
    assert best.signals is not None
    assert ranking.evidence is not None
    assert (best.entry_id, ranking.evidence.single) == ("best", 0.0)
    assert 0 < ranking.evidence.coverage == best.signals.coverage < 1
    found = (ranking.evidence.share, ranking.evidence.shown)
    shares = likely / likely.sum()
    assert found == pytest.approx((shares[0], shares[:3].sum()), abs=1e-5)


@pytest.mark.parametrize(
    ("query", "single"), [("환불", 1.0), ("환불이요?", 1.0), ("안녕", 1.0), ("환불 영수증", 0.0)]
)
def test_a_query_of_one_content_word_or_none_is_single(query: str, single: float) -> None:
    ranking = ranked([entry("a", "환불 9")], DENSE_ONLY, query)

    assert ranking.evidence is not None
    assert ranking.evidence.single == single


def test_entries_with_the_same_answer_are_no_rivals() -> None:
    entries = [
        entry("best", "환불 9", answer="3일 걸려요.\nOK"),
        entry("same", "환불 8", answer=unicodedata.normalize("NFD", " 3일 걸려요. ok ")),
        entry("other", "환불 5", answer="안 돼요."),
        entry("last", "환불 3", answer="몰라요."),
    ]

    ranking = ranked(entries, DENSE_ONLY, "환불")

    assert [hit.entry_id for hit in ranking.hits] == ["best", "same", "other", "last"]
    assert ranking.evidence is not None
    assert ranking.evidence.lead == pytest.approx(0.9 - (0.5 + 0.3) / 2, abs=1e-6)


def test_without_a_rival_the_lead_is_the_score() -> None:
    ranking = ranked(
        [entry("only", "환불 9"), entry("too", "환불 8", answer="only의 답")], DENSE_ONLY, "환불"
    )

    assert ranking.evidence == Evidence(
        0.9, 0.9, math.log1p(1), share=1.0, shown=1.0, coverage=1.0, single=1.0, beside=UNKNOWN
    )


def test_evidence_does_not_depend_on_how_many_hits_are_wanted() -> None:
    retriever = Retriever.build(TinyEncoder(), shop_faq.ENTRIES)
    queries = ["배송비 얼마야", "환불 언제", "카카오 결제"]

    one, all_of_them = retriever.rank(queries, 1), retriever.rank(queries, 8)

    assert [ranking.evidence for ranking in one] == [ranking.evidence for ranking in all_of_them]
    assert [ranking.hits for ranking in one] == [ranking.hits[:1] for ranking in all_of_them]


def test_a_query_is_counted_as_no_longer_than_forty_morphemes() -> None:
    for words, counted in ((40, 40), (41, 40), (39, 39)):
        ranking = ranked([entry("a", "환불 9")], DENSE_ONLY, " ".join(["환불"] * words))
        assert ranking.evidence is not None
        assert astuple(ranking.evidence)[:3] == astuple(Evidence.of(0.9, 0.9, counted))[:3]
        assert ranking.evidence.length == math.log1p(counted)
