"""What an owner is told of a generation."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mundap.chatbot.home.bundled import bundled_path
from mundap.index.bundle.advice import FITTED_FAQS, Advice, Language, advice
from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.findings import FINDINGS_FILE, dump_findings, read_findings
from mundap.index.bundle.manifest import BundleError
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.problems import FaqProblem, find_problems
from mundap.index.search.confidence import Confidence
from tests.index.rebuilds import OLD
from tests.tiny_encoder import TinyEncoder

FAQ = [
    FaqEntry("hours", "몇 시까지 해요?", "6시까지예요."),
    FaqEntry("fee", "배송비는 얼마예요?", "3,000원이에요.", ("택배비 얼만데",)),
    FaqEntry("jeju", "제주 배송비는 얼마예요?", "6,000원이에요."),
    FaqEntry("refund", "환불 돼요?", "네.", ("환불해 줘ㅠㅠ",)),
]
CLOSE = FaqProblem(
    "confusable",
    ("fee", "jeju"),
    "close",
    "Say what sets it apart.",
    ("배송비는 얼마예요?", "제주 배송비는 얼마예요?"),
    0.91,
)
FITTED = {"in_scope": "given", "out_of_scope": "given", "n_in_scope": 1092, "n_out_of_scope": 60}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A generation in which one pair is confusable."""
    Bundle.build(
        tmp_path / "index",
        FAQ,
        TinyEncoder(),
        look=lambda retriever: [CLOSE, *find_problems(retriever.passages.entries)],
    )
    return tmp_path / "index" / "generations" / "000001"


def told(path: Path, fit: dict[str, Any], language: Language = "en") -> list[Advice]:
    confidence = replace(Confidence.usual(content=True), fit=fit)
    return advice(path, FAQ, confidence, language)


def test_usual_percentages_are_called_so_and_entries_taken_for_others_come_first(
    path: Path,
) -> None:
    index = path.parent.parent
    assert told(path, {"reason": "Fitted on other FAQs."}) == [
        Advice(
            "basis",
            "The percentages are usual values, fitted across 32 FAQs that nobody tuned for, not on "
            "what your visitors ask.",
        ),
        Advice(
            "lone",
            "2 of 4 entries have no second phrasing (제주 배송비는 얼마예요?; 몇 시까지 해요?). "
            "Write down how visitors put them.",
            ("jeju", "hours"),
        ),
        Advice(
            "confusable",
            "Pairs easily taken for each other: 1 (배송비는 얼마예요? / 제주 배송비는 얼마예요?). "
            "Say in each entry what sets it apart, or add phrasings of both that do.",
            ("fee", "jeju"),
        ),
        Advice(
            "queries",
            "50 queries from your log, and 50 that the FAQ cannot answer, make the percentages "
            f"yours: `mundap calibrate {index} --queries FILE --out-of-scope FILE`.",
        ),
    ]


def test_percentages_fitted_on_own_queries_say_on_how_many(path: Path) -> None:
    english, korean = (told(path, FITTED, language) for language in ("en", "ko"))
    assert english[0].text == (
        "The percentages rest on 1,092 queries of your own and 60 that the FAQ cannot answer."
    )
    assert korean[0].text == (
        "확률은 직접 모은 질문 1,092개와 FAQ가 답할 수 없는 질문 60개로 맞췄어요."
    )
    assert [one.about for one in english] == ["basis", "lone", "confusable"]
    assert [(one.about, one.entry_ids) for one in korean] == [
        (one.about, one.entry_ids) for one in english
    ]


def test_percentages_fitted_on_phrasings_say_so_and_that_queries_would_tell_more(
    path: Path,
) -> None:
    fit = FITTED | {"in_scope": "phrasings left out", "out_of_scope": "answers left out"}
    found = told(path, fit)
    assert found[0].text == (
        "The percentages rest on 1,092 phrasings of the FAQ, each asked while it was left out, and "
        "60 asked while their answer was left out."
    )
    assert found[-1].about == "queries"


@pytest.mark.parametrize("language", ["ko", "en"])
def test_faults_come_before_advice(tmp_path: Path, language: Language) -> None:
    twice = [*FAQ, FaqEntry("again", "환불해 줘ㅠㅠ", "아니요.")]
    Bundle.build(tmp_path, twice, TinyEncoder())
    bundle = Bundle.open(tmp_path, TinyEncoder())
    found = advice(bundle.path, bundle.entries, bundle.confidence, language)
    assert [one.about for one in found] == ["basis", "fault", "lone", "queries"]
    assert found[1].entry_ids == ("refund", "again")


def test_findings_survive_the_disk_and_an_older_generation_has_none(
    path: Path, tmp_path: Path
) -> None:
    assert read_findings(path) == [CLOSE, *find_problems(FAQ)]
    assert read_findings(tmp_path) == []


@pytest.mark.parametrize("text", ["", "1", "[1]", '[{"kind": "lone"}]', "[{}]"])
def test_damaged_findings_are_named(text: str, tmp_path: Path) -> None:
    (tmp_path / FINDINGS_FILE).write_text(text, encoding="utf-8")
    with pytest.raises(BundleError, match=r"findings\.json: damaged \(.*\)\. Rebuild with `mundap"):
        read_findings(tmp_path)


def test_findings_of_a_faq_without_any_are_a_list(tmp_path: Path) -> None:
    assert json.loads(dump_findings([])) == []
    assert find_problems(OLD) != []


def test_as_many_faqs_as_it_says_were_fitted_on() -> None:
    split = json.loads((bundled_path("training_faqs") / "split.json").read_text(encoding="utf-8"))
    assert len(split["fit"]) == FITTED_FAQS
