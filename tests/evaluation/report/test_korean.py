"""The report and the findings in Korean: whole, and the owner's texts as they are."""

import re
from dataclasses import replace

import pytest

from mundap.evaluation.latency import Latency
from mundap.evaluation.lint import lint
from mundap.evaluation.perturbations import PERTURBATIONS
from mundap.evaluation.report.html import to_html
from mundap.evaluation.report.korean import document_in_korean, korean, problems_in_korean
from mundap.evaluation.report.markdown import to_markdown
from mundap.evaluation.report.sections import document_of
from mundap.evaluation.robustness import KindFigures, RobustnessFigures
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.problems import problem_lines
from tests.evaluation.report.test_sections import EVEN, confidence, measured
from tests.evaluation.test_lint import Drawn

# Names of systems, measures, units and programs, which are the same in Korean.
_SAME = (
    r"hybrid|dense|bm25|tfidf|hit@\d+|h_1|mrr@10|ndcg@10|AUROC|ECE|Holm|SHA-256|FAQ|NFD|HTML|"
    r"NaN|ms|MB|p|mundap|data|import|merge-answers|mundap-small|fee|refund|coupon|met|mend|one"
)
FAULTY = [
    FaqEntry("a", "0 환불", "0 네"),
    FaqEntry("b", "0 환불", "60 아니요", ("0 " + "길" * 300,)),
    FaqEntry("c", "90 배송", "90 " + "길" * 2000, ("90 어떻게",)),
    FaqEntry("d", "90 택배", "90 …", ("180 음",)),
    FaqEntry("e", "95 운임", "95 …", ("270 음",)),
    FaqEntry("f", "300 얼마", "0 네", ("300 가격",)),
]
FACTS = {
    "FAQ": "the bundled FAQ",
    "date": "2026-11-26",
    "encoder": "static vectors of morphemes, trained on 13,256 pairs; beside it mundap-small, "
    "a pretrained transformer in 8 bits, as it comes",
    "index": "generation 3 of 2026-11-20",
    "confidence": "the index's own",
}


def whole():
    kinds = tuple(KindFigures(name, 3, EVEN, EVEN, EVEN, EVEN, EVEN) for name in PERTURBATIONS)
    found = measured(
        confidence=confidence(),
        robustness=RobustnessFigures(4, EVEN, 2, 1, 0, kinds),
        latency={"hybrid": Latency(1.0, 2.0, 3.0, 4)},
        peak_memory=100.0,
        problems=lint(FAULTY, Drawn()),
        facts=FACTS,
    )
    return replace(found, entries=[*found.entries, *FAULTY])


def english_left(text):
    """Return Latin words that are no names; ids of the small FAQ stand among them."""
    text = re.sub(r"<style>.*?</style>|<defs>.*?</defs>|<[^>]*>|\\", " ", text, flags=re.DOTALL)
    words = re.findall(r"[A-Za-z][A-Za-z@_\d-]*", text)
    return {word for word in words if not re.fullmatch(_SAME, word) and len(word) > 1}


def test_a_whole_report_has_no_english_left():
    document = document_in_korean(document_of(whole()))
    assert document.subtitle.startswith("항목 9개에 대한 질문 4개 · 기본 제공 FAQ · 2026-11-26 · ")
    assert english_left(to_markdown(document)) == set()
    page = to_html(document)
    assert '<html lang="ko">' in page
    assert 'aria-label="목차"' in page
    assert english_left(page) == set()


def test_the_owners_texts_and_all_figures_stay_as_they_are():
    english, translated = (
        to_markdown(document)
        for document in (document_of(whole()), document_in_korean(document_of(whole())))
    )
    for text in ("돈 언제 줘", "환불은 언제 되나요?", "13,256"):
        assert english.count(text) == translated.count(text)
    assert sorted(re.findall(r"\d+\.\d+", english)) == sorted(re.findall(r"\d+\.\d+", translated))


def test_every_finding_is_told_in_korean():
    problems = lint(FAULTY, Drawn())
    assert {problem.kind for problem in problems} >= {"contradiction", "duplicate", "text", "lone"}
    lines = [korean(line) for line in problem_lines(problems_in_korean(problems), FAULTY)]
    assert lines[0].startswith("항목 6개: 모순 ")
    assert english_left("\n".join(lines)) == set()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The owner's own sentence. With another.", "The owner's own sentence. With another."),
        ("배송비 얼마예요?", "배송비 얼마예요?"),
        ("88.2% (86.2 to 90.1)", "88.2% (86.2~90.1)"),
        ("confusable (24, the first 10)", "헷갈리는 질문 (24건 가운데 처음 10건)"),
        ("4 entries: nothing found", "항목 4개: 고칠 것이 없습니다"),
    ],
)
def test_what_is_ours_is_korean_and_nothing_else(text: str, wanted: str) -> None:
    assert korean(text) == wanted
