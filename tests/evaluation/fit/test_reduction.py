import numpy as np

from mundap.evaluation.fit.reduction import Reduction, own_phrasings
from mundap.index.faq.entry import FaqEntry
from mundap.index.search.retriever import Retriever
from tests.tiny_encoder import TinyEncoder

ENTRIES = [
    FaqEntry(
        "fee", "배송비는 얼마예요?", "3,000원", ("택배비 얼마임?",), question_en="Delivery fee?"
    ),
    FaqEntry("days", "며칠 걸려요?", "이틀", question_en="How long does it take?"),
    FaqEntry("refund", "환불은 언제 돼요?", "사흘"),
]


def test_a_question_in_english_is_neither_asked_nor_a_second_phrasing() -> None:
    retriever = Retriever.build(TinyEncoder(dimension=64), ENTRIES)
    english = [text for text in retriever.passages.texts if text.isascii()]
    reduction = Reduction.of(retriever)

    parts = np.concatenate([*reduction.phrasing_parts(np.random.default_rng(0))])
    assert sorted(parts.tolist()) == [0, 1]
    rows = reduction.phrasings(np.arange(len(retriever.passages)))
    assert [retriever.passages.texts[row] for row in rows] == [
        text for text in retriever.passages.texts if text not in english
    ]
    asked, without_answer = own_phrasings(retriever)
    assert (len(asked), len(without_answer)) == (2, 4)
