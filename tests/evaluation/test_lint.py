import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.evaluation import lint as module
from mundap.evaluation.lint import LintError, lint
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.passages import Passages
from tests.tiny_encoder import TinyEncoder


class Drawn:
    """Puts each text at the angle, in degrees, that it begins with."""

    fingerprint, dimension = "drawn", 2

    def encode(self, texts):
        angles = np.radians([float(text.split()[0]) for text in texts])
        return np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)


def entry(entry_id, question, answer, *alternates):
    return FaqEntry(entry_id, question, answer, alternates or (question + " 또",))


def found(*entries, **options):
    problems = lint(entries, Drawn(), **options)
    return [(problem.kind, problem.entry_ids) for problem in problems]


def test_far_questions_are_no_problem():
    assert found(entry("a", "0 환불", "0 네"), entry("b", "60 배송", "60 아니요")) == []


def test_the_same_question_with_different_answers_contradicts():
    problems = lint([entry("a", "0 환불", "0 네"), entry("b", "10 반품", "60 아니요")], Drawn())
    assert [(problem.kind, problem.entry_ids) for problem in problems] == [
        ("contradiction", ("a", "b"))
    ]
    assert problems[0].examples == ("0 환불", "10 반품")
    assert problems[0].cosine == pytest.approx(np.cos(np.radians(10)), abs=1e-4)
    assert "Decide which answer is right" in problems[0].mend


def test_the_same_question_with_nearly_the_same_answer_is_a_duplicate():
    assert found(entry("a", "0 환불", "0 네"), entry("b", "10 반품", "5 예")) == [
        ("duplicate", ("a", "b"))
    ]


def test_the_same_answer_twice_is_told_once():
    assert found(entry("a", "0 환불", "0 네"), entry("b", "10 반품", "0 네")) == [
        ("duplicate", ("a", "b"))
    ]


def test_close_questions_are_confusable_down_to_the_cosine_that_is_asked_for():
    entries = [entry("a", "0 환불", "0 네"), entry("b", "25 반품", "90 아니요")]
    assert found(*entries) == [("confusable", ("a", "b"))]
    assert found(*entries, confusable=0.95) == []
    with pytest.raises(LintError, match=r"the least cosine is 1\.5; wanted above 0 and at most"):
        lint(entries, Drawn(), confusable=1.5)


def test_the_same_phrasing_in_two_entries_is_told_once():
    same = [entry("a", "0 환불", "0 네", "5 x"), entry("b", "0 환불", "60 아니요", "3 y")]
    assert found(*same) == [("contradiction", ("a", "b"))]


def test_what_to_mend_first_comes_first_and_the_closest_before_others():
    entries = [
        FaqEntry("e", "300 혼자", "200 x"),
        entry("a", "0 가", "0 네"),
        entry("b", "28 나", "40 네"),
        entry("c", "50 다", "80 네"),
        entry("d", "55 라", "120 네", "55 라라"),
    ]
    assert found(*entries) == [
        ("contradiction", ("c", "d")),
        ("confusable", ("b", "c")),
        ("confusable", ("b", "d")),
        ("confusable", ("a", "b")),
        ("lone", ("e",)),
    ]


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90)), min_size=1, max_size=8))
def test_the_closest_pair_of_rows_speaks_for_two_entries(angles):
    entries = [
        entry(f"e{n}", f"{one} 가{n}", f"{100 + 37 * n} 답", f"{two} 나{n}")
        for n, (one, two) in enumerate(angles)
    ]
    passages = Passages.of(entries)
    vectors = Drawn().encode(passages.texts)
    expected = set()
    for row in range(len(vectors)):
        for other in range(row + 1, len(vectors)):
            owners = passages.owners[row], passages.owners[other]
            if owners[0] != owners[1] and vectors[row] @ vectors[other] >= 0.85:
                expected.add((f"e{owners[0]}", f"e{owners[1]}"))
    close = [p for p in lint(entries, Drawn()) if p.cosine is not None]
    assert {problem.entry_ids for problem in close} == expected
    assert len(close) == len(expected)


def test_blocks_of_rows_change_nothing(monkeypatch):
    entries = [entry(f"e{n}", f"배송비 얼마 {n % 7}", f"답 {n}") for n in range(40)]
    whole = lint(entries, TinyEncoder(), confusable=0.7)
    assert len(whole) > 40
    monkeypatch.setattr(module, "_BLOCK", 100)
    assert lint(entries, TinyEncoder(), confusable=0.7) == whole


def test_korean_contradictions_are_found_by_the_embedded_encoder(default_encoder):
    entries = [
        FaqEntry("a", "환불은 며칠 걸리나요?", "3영업일 걸립니다.", ("환불 기간",)),
        FaqEntry("b", "환불은 며칠이 걸리나요", "바로 됩니다.", ("돈 언제 줘",)),
        FaqEntry("c", "매장 주차장이 있나요?", "지하에 있습니다.", ("주차",)),
    ]
    problems = lint(entries, default_encoder)
    assert [(problem.kind, problem.entry_ids) for problem in problems] == [
        ("contradiction", ("a", "b"))
    ]
