import unicodedata

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from mundap.evaluation.tfidf import TfidfRanker
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.passages import Passages
from mundap.index.korean.text import match_key

ENTRIES = [
    FaqEntry("배송-1", "배송비는 얼마인가요?", "3,000원입니다.", ("택배비 얼마예요",)),
    FaqEntry("환불-1", "환불은 언제 되나요?", "3일 안에 됩니다.", ("환불 며칠 걸려요?",)),
    FaqEntry("앱", "App 설치는 어디서 하나요?", "앱스토어에서 합니다."),
    FaqEntry("웃음", "😀", "😀"),
]


def test_scores_are_the_cosines_of_scikit_learn():
    passages = Passages.of(ENTRIES)
    vectorizer = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(1, 3), sublinear_tf=True, preprocessor=match_key
    )
    matrix = vectorizer.fit_transform(passages.texts).toarray()
    query = "택배비 언제 되나요"
    cosines = matrix @ vectorizer.transform([query]).toarray()[0]
    best = {
        entry.entry_id: float(np.float32(cosines[passages.owners == owner].max()))
        for owner, entry in enumerate(ENTRIES)
    }
    hits = TfidfRanker.build(passages).search([query], 10)[0]
    assert {hit.entry_id: hit.score for hit in hits} == pytest.approx(best, abs=1e-7)
    assert [hit.score for hit in hits] == sorted(best.values(), reverse=True)


def test_case_width_and_composition_do_not_part_equal_texts():
    ranker = TfidfRanker.build(Passages.of(ENTRIES))
    typed = unicodedata.normalize("NFD", "app   설치는 어디서 하나요?")
    hit = ranker.search([typed], 1)[0][0]
    assert (hit.entry_id, hit.score) == ("앱", pytest.approx(1.0))


def test_every_entry_is_ranked_when_nothing_matches_and_ties_go_by_id_descending():
    hits = TfidfRanker.build(Passages.of(ENTRIES)).search([""], 10)[0]
    assert [(hit.entry_id, hit.score) for hit in hits] == [
        ("환불-1", 0.0),
        ("웃음", 0.0),
        ("앱", 0.0),
        ("배송-1", 0.0),
    ]


def test_a_corpus_without_passages_is_refused():
    with pytest.raises(ValueError, match="0 passages; wanted at least 1"):
        TfidfRanker.build(Passages.of([]))
