from io import StringIO
from typing import Any, Literal

import pytest
from rich.console import Console

from mundap.improve.report_table import report_table

SHARES = {
    "answered_right": 0.5,
    "answered_wrong": 0.025,
    "offered_right": 0.25,
    "offered_wrong": 0.1,
    "unknown": 0.125,
    "uncovered_answered": 0.0,
}
REPORT: dict[str, Any] = {
    "words": {"ko": "나아졌습니다.", "en": "Better."},
    "trained": {"done": False, "words": {"ko": "학습하지 않았습니다.", "en": "Not trained."}},
    "tests": {"covered": 40, "other": 4},
    "before": {"generation": 3, **SHARES},
    "after": {"generation": 4, **SHARES, "answered_right": 0.6},
    "right": [0.1, 0.02, 0.2],
    "wrong": [0.0, -0.01, 0.01],
    "changes": [
        {
            "query": "송료 [b]얼마[/b] 😀",
            "right": ["fee"],
            "before": {"outcome": "offered", "entry_id": "fee"},
            "after": {"outcome": "right", "entry_id": "fee"},
        },
        {
            "query": "로또",
            "right": [],
            "before": {"outcome": "unknown", "entry_id": None},
            "after": {"outcome": "missed", "entry_id": "gone"},
        },
    ],
    "questions": {"fee": "배송비는 얼마인가요?"},
}


def shown(report: dict[str, Any], language: Literal["en", "ko"]) -> str:
    console = Console(width=120, record=True, file=StringIO())
    console.print(report_table(report, language))
    return console.export_text()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Better.", "Not trained.", "before (3)", "Right now: 1", "Right no longer: 0")),
        (
            "ko",
            ("나아졌습니다.", "새 색인 (4)", "이제 바르게 답함: 1", "바르게 답하지 않음: 0"),
        ),
    ],
)
def test_a_report_is_told_in_words_and_numbers(
    language: Literal["en", "ko"], words: tuple[str, ...]
) -> None:
    text = shown(REPORT, language)
    assert [word for word in words if word not in text] == []
    right, wrong = ("right", "wrong") if language == "en" else ("바른 답", "틀린 답")
    assert f"{right} +10.0 [+2.0, +20.0], {wrong} +0.0 [-1.0, +1.0] " in text
    assert "송료 [b]얼마[/b] 😀" in text
    told = "right" if language == "en" else "바르게 답함"
    assert f"{told}: 배송비는 얼마인가요?" in text
    assert "로또" not in text


@pytest.mark.parametrize("language", ["en", "ko"])
def test_one_that_learned_nothing_has_words_alone(language: Literal["en", "ko"]) -> None:
    report = {"words": REPORT["words"]}
    assert shown(report, language) == f"{REPORT['words'][language]}\n"
