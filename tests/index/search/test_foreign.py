"""Queries in a language that no entry is written in."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from mundap.evaluation.fit.calibration import fit_confidence
from mundap.evaluation.fit.fusion import fit_fusion
from mundap.evaluation.fit.judged import Judged
from mundap.evaluation.queries import Query
from mundap.index.encoders.encoder import ReadText
from mundap.index.faq.entry import FaqEntry
from mundap.index.search.confidence import Confidence
from mundap.index.search.fusion import SIGNALS, Fusion
from mundap.index.search.retriever import Retriever
from tests.index import shop_faq
from tests.tiny_encoder import TinyEncoder, TinyReader

MEANT = {
    "送料はいくらですか": "배송비는 얼마인가요",
    "运费是多少": "배송비는 얼마인가요",
    "how much would it be": "배송비는 얼마인가요",
    "返金はいつ": "환불은 언제 되나요",
}
JAPANESE, CHINESE, ENGLISH, _ = MEANT
WORDLESS = ("dense", "centroid", "bm25", "coverage", "content_bm25")


class Polyglot(TinyReader):
    """Reads a few sentences as what they mean in Korean."""

    def read_queries(self, texts: Sequence[str]) -> list[ReadText]:
        return super().read_queries([MEANT.get(text, text) for text in texts])


def built(entries: Sequence[FaqEntry] = shop_faq.ENTRIES) -> Retriever:
    return Retriever.build(TinyEncoder(dimension=512), entries, pretrained=Polyglot())


@pytest.mark.parametrize("query", MEANT)
def test_it_is_ranked_and_judged_by_what_the_pretrained_encoder_reads_alone(query: str) -> None:
    retriever = built()
    [ranking] = retriever.rank([query], 3)

    [asked] = retriever.content.encoder.read_queries([query]) if retriever.content else []
    best, evidence = ranking.hits[0], ranking.evidence
    assert ranking.is_foreign
    assert best.entry_id == ("refund" if "返金" in query else "fee")
    assert best.signals is not None
    assert evidence is not None
    assert {name: getattr(best.signals, name) for name in WORDLESS} == dict.fromkeys(WORDLESS, 0.0)
    assert evidence.length == math.log1p(len(asked.pieces))
    assert evidence.closeness == pytest.approx(best.score / math.sqrt(len(asked.pieces)))
    assert (evidence.coverage, evidence.single) == (0.0, 0.0)
    assert retriever.rank_in_steps(query, 3) == ranking


def test_whatever_its_script_what_means_the_same_has_the_same_evidence() -> None:
    japanese, chinese, english = built().rank([JAPANESE, CHINESE, ENGLISH], 3)

    assert japanese.evidence == chinese.evidence == english.evidence
    scored = [[(h.entry_id, h.score) for h in r.hits] for r in (japanese, chinese, english)]
    assert scored[0] == scored[1] == scored[2]


def test_it_is_judged_by_what_holds_across_faqs_at_the_target_of_the_faq() -> None:
    [ranking] = built().rank([JAPANESE], 3)
    own = replace(Confidence.usual(content=True), answer=0.7, suggest=0.6)
    usual = Confidence.usual(content=True, words=False)

    assert ranking.judge(own) == replace(usual, answer=0.7)
    assert ranking.certain(own) == usual.probability(ranking.evidence)
    assert ranking.clear(own) == usual.clear(ranking.evidence)
    assert ranking.kind(own) == replace(usual, answer=0.7).kind(ranking.evidence)


@pytest.mark.parametrize("query", ["배송비 얼마", "우주 정거장", "ㅋ", "wifi", "vip", "vip coupon"])
def test_a_korean_query_or_one_of_whose_words_the_faq_has_any_is_none(query: str) -> None:
    retriever = built()
    own = retriever.usual_confidence()

    [ranking] = retriever.rank([query], 3)

    assert (ranking.is_foreign, ranking.judge(own)) == (False, own)


def test_a_stored_phrasing_in_another_language_is_answered() -> None:
    entries = [
        replace(shop_faq.ENTRIES[0], alternates=("キャンセルしたい",)),
        *shop_faq.ENTRIES[1:],
    ]

    ranking = built(entries).rank_in_steps("キャンセルしたい！", 3)

    assert (ranking.hits[0].entry_id, ranking.is_exact) == ("fee", True)


def test_without_a_pretrained_encoder_there_is_no_other_language() -> None:
    [ranking] = Retriever.build(TinyEncoder(dimension=512), shop_faq.ENTRIES).rank([JAPANESE], 3)

    assert not ranking.is_foreign


def test_its_weights_are_those_of_the_pretrained_encoder_alone() -> None:
    for phrasings in (1, 4, 16):
        weights = Fusion.usual(phrasings, content=True, words=False).weights()
        spoken = {name for name, weight in zip(SIGNALS, weights, strict=True) if weight > 0}
        assert spoken <= set(SIGNALS) - set(WORDLESS)
        assert "late" in spoken


def test_of_several_queries_each_is_judged_in_its_own_way() -> None:
    retriever, own = built(), Confidence.usual(content=True)
    rankings = retriever.rank([JAPANESE, "환불 언제 돼요"], 3)

    judged = Judged.of(rankings, [{"3,000원이에요."}, {"3일 걸려요."}])

    assert judged.foreign.tolist() == [True, False]
    expected = [ranking.certain(own) for ranking in rankings]
    assert judged.probabilities(own).tolist() == pytest.approx(expected)
    assert judged.kinds(own) == [ranking.kind(own) for ranking in rankings]
    np.testing.assert_array_equal(judged.without_foreign().evidence, judged.evidence[1:])


def test_nothing_of_a_faq_is_fitted_on_it() -> None:
    retriever = built()
    korean = [
        Query(f"{entry.entry_id} {place}", f"{text} 궁금", entry.entry_id)
        for place in range(4)
        for entry in shop_faq.ENTRIES
        for text in entry.passages[:2]
    ]
    both = [*korean, Query("ja", JAPANESE, "fee"), Query("zh", CHINESE, "refund")]
    beside = [f"우주 정거장 {place}" for place in range(60)]

    fitted = [
        fit_confidence(retriever, queries=queries, out_of_scope=[*beside, *more])
        for queries, more in ((korean, []), (both, ["今日の天気"]))
    ]
    for confidence in fitted:
        confidence.fit.pop("in_scope_share", None)
    assert fitted[0] == fitted[1]
    assert fit_fusion(retriever, korean) == fit_fusion(retriever, both)
