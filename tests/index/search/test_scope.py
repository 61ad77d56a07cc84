"""How much a query is like those that no FAQ answers."""

import math

import numpy as np
import pytest

from mundap.index.encoders.encoder import Encoder
from mundap.index.encoders.registry import load_encoder
from mundap.index.encoders.shipped import SHIPPED
from mundap.index.search import scope
from mundap.index.search.retriever import Retriever
from mundap.index.search.scope import MOST, UNKNOWN, ScopeProbe, beside
from tests.index import shop_faq
from tests.index.search.by_cosines import entry
from tests.tiny_encoder import TinyEncoder, TinyReader

PROBE = ScopeProbe(np.array([2.0, -1.0], np.float32), 0.5)


@pytest.mark.parametrize("vector", [(1.0, 0.0), (0.6, 0.8), (0.0, 0.0), (-40.0, 0.0), (9.0, 0.0)])
def test_what_is_said_is_minus_the_logarithm_of_the_probability_of_being_in_scope(
    vector: tuple[float, float],
) -> None:
    outside = 1 / (1 + math.exp(-(2 * vector[0] - vector[1] + 0.5)))

    said = PROBE.beside(np.array(vector, np.float32))

    assert said == pytest.approx(min(-math.log(1 - outside), MOST), abs=1e-6)


def test_of_an_encoder_without_a_probe_a_query_is_as_likely_in_scope_as_not() -> None:
    assert -math.log(0.5) == UNKNOWN == beside("no such fingerprint", np.ones(3, np.float32))


def test_the_encoder_that_ships_has_one_that_parts_small_talk_from_questions() -> None:
    encoder: Encoder = load_encoder(SHIPPED)
    asked = ["카드로 냈는데 취소하면 언제 돈이 들어와요?", "배송 언제 와요", "서류 뭐 내야 돼요"]
    aside = ["너는 어떤 노래 좋아해?", "파이썬으로 구구단 짜 줘", "어제 야구 누가 이겼어"]

    inside, outside = (
        [beside(encoder.fingerprint, vector) for vector in encoder.encode(texts)]
        for texts in (asked, aside)
    )

    assert max(inside) < UNKNOWN < min(outside)


@pytest.mark.parametrize("reader", [None, TinyReader("other"), TinyReader("known")])
def test_only_what_the_encoder_of_the_probe_has_read_is_judged_by_it(
    reader: TinyReader | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe = ScopeProbe(np.zeros(64, np.float32), 3.0)
    monkeypatch.setattr(scope, "_usual", lambda: ("known", probe))
    retriever = Retriever.build(TinyEncoder(), shop_faq.ENTRIES, pretrained=reader)

    [ranking] = retriever.rank(["환불 언제쯤 받아요"], 3)

    said = MOST if reader and reader.fingerprint == "known" else UNKNOWN
    assert ranking.evidence is not None
    assert ranking.evidence.late < 1
    # What the entry says beside the query's own words weakens it.
    assert ranking.evidence.beside == pytest.approx(said * (1 - ranking.evidence.late) ** 2)


def test_a_faq_of_what_others_never_answer_answers_still() -> None:
    asked = {"김치찌개 끓이는 법": "김치찌개 어떻게 끓여?", "라면 물 양": "라면 물 얼마나 넣어요"}
    more = [
        "갈비찜 양념 비율",
        "달걀 삶는 시간",
        "나물 데치는 법",
        "칼 가는 방법",
        "국이 너무 짤 때",
    ]
    entries = [entry(str(n), text) for n, text in enumerate([*asked, *more])]
    retriever = Retriever.build(
        load_encoder("default"),
        entries,
        pretrained=load_encoder(SHIPPED),  # type: ignore[arg-type]
    )
    usual = retriever.usual_confidence()

    rankings = retriever.rank([*asked.values(), "내일 서울 날씨 어때"], 3)

    kinds = [ranking.kind(usual) for ranking in rankings]
    assert [ranking.hits[0].entry.question for ranking in rankings[:2]] == [*asked]
    assert kinds == ["answer", "answer", "unknown"]
