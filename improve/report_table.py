"""The report of a run for the terminal."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from mundap.index.languages import Language

# Changed queries shown of a kind; `--json` has them all.
SHOWN = 10

_NAMES = {
    "answered_right": ("answered rightly", "바르게 답함"),
    "offered_right": ("offered, the right one among them", "바른 질문을 제안함"),
    "offered_wrong": ("offered others", "다른 질문을 제안함"),
    "unknown": ("nothing shown", "모른다고 함"),
    "answered_wrong": ("answered wrongly", "틀리게 답함"),
    "uncovered_answered": ("answered, though no entry does", "답이 없는데 답함"),
}
_HEADINGS = {
    "en": ("held-back questions", "before", "after", "Right now", "Right no longer", "question"),
    "ko": (
        "떼어 둔 질문",
        "지금",
        "새 색인",
        "이제 바르게 답함",
        "더는 바르게 답하지 않음",
        "질문",
    ),
}

_MORE = {
    "en": "; {shown} shown, --json has all",
    "ko": ". 그중 {shown}개이며 --json에는 모두 있음",
}
_OUTCOMES = {
    "right": "바르게 답함",
    "wrong": "틀리게 답함",
    "offered": "바른 질문 제안",
    "missed": "다른 질문 제안",
    "unknown": "모른다고 함",
}


def report_table(report: Mapping[str, Any], language: Language) -> Group:
    """Return a report in words, and what was measured where there is something."""
    words = [Text(report["words"][language])]
    if "before" not in report:
        return Group(*words)
    tests, before, after, now, no_longer, question = _HEADINGS[language]
    words.append(Text(report["trained"]["words"][language]))
    table = Table()
    table.add_column(f"{tests}: {report['tests']['covered']} + {report['tests']['other']}")
    for name, side in ((before, "before"), (after, "after")):
        table.add_column(f"{name} ({report[side]['generation']})", justify="right")
    for name, (english, korean) in _NAMES.items():
        shares = [f"{100 * report[side][name]:.1f}%" for side in ("before", "after")]
        table.add_row(english if language == "en" else korean, *shares)
    fixed = [one for one in report["changes"] if one["after"]["outcome"] == "right"]
    broken = [one for one in report["changes"] if one["before"]["outcome"] == "right"]
    return Group(
        *words,
        table,
        Text(_differences(report, language)),
        _changed(now, fixed, report, (question, before, after), language),
        _changed(no_longer, broken, report, (question, before, after), language),
    )


def _differences(report: Mapping[str, Any], language: str) -> str:
    """Return what decided, in points with 95% intervals."""
    found = []
    for name, korean in (("right", "바른 답"), ("wrong", "틀린 답")):
        mean, low, high = (100 * value for value in report[name])
        told = korean if language == "ko" else name
        found.append(f"{told} {mean:+.1f} [{low:+.1f}, {high:+.1f}]")
    unit = "%p, 95% 구간" if language == "ko" else "points, 95% intervals"
    return f"{', '.join(found)} {unit}"


def _changed(
    title: str,
    changes: list[Mapping[str, Any]],
    report: Mapping[str, Any],
    headings: tuple[str, str, str],
    language: Language,
) -> Table | Text:
    if not changes:
        return Text(f"{title}: 0")
    more = _MORE[language].format(shown=SHOWN) if len(changes) > SHOWN else ""
    table = Table(title=Text(f"{title}: {len(changes):,}{more}"), title_justify="left")
    for name in headings:
        table.add_column(name)
    for one in changes[:SHOWN]:
        sides = [_side(one[side], report, language) for side in ("before", "after")]
        table.add_row(Text(one["query"]), *map(Text, sides))
    return table


def _side(found: Mapping[str, Any], report: Mapping[str, Any], language: str) -> str:
    """Return what became of a query, and the question of the entry that came first."""
    outcome, entry_id = found["outcome"], found["entry_id"]
    told = _OUTCOMES[outcome] if language == "ko" else outcome
    return f"{told}: {report['questions'].get(entry_id, entry_id or '-')}"
