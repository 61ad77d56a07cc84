"""What the bot says to a bare word, two questions, what leans on the one before, other languages.

The bundled FAQ is prepared as `mundap serve` prepares it and asked the four sets beside it, each
in the way data/README.md says; nothing is ever trained, fitted or chosen on them.

    python -m benchmarks.replies
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.result import write_result
from benchmarks.strangers import (
    Asked,
    Column,
    answered_right,
    answered_wrong,
    ask,
    first_day,
    intervals,
    offered_only,
    reached,
    right_first,
    right_in_three,
    shown,
    unknown,
)
from mundap.chatbot.bot import Bot
from mundap.chatbot.home.bundled import bundled_path
from mundap.chatbot.settings import ChatSettings
from mundap.index.tables.table import read_table

# File -> the column that parts it; "" where it is one kind.
SETS = {
    "one_word": "kind",
    "two_questions": "",
    "follow_ups": "kind",
    "other_languages": "language",
}
# What is right for each kind; everywhere else, that the visitor is reached.
_RIGHT: dict[str, Callable[[Asked], bool]] = {
    "one_word, topic": lambda one: one.answered is None and bool(one.offered & one.right),
    "one_word, stored": answered_right,
    "one_word, nothing": lambda one: one.answered is None,
    "two_questions": lambda one: one.right <= shown(one),
    "follow_ups, alone": lambda one: reached(one) and not one.joined,
}


def _every(one: Asked) -> bool:
    return True


def _covered(one: Asked) -> bool:
    return bool(one.right)


def is_right(one: Asked) -> bool:
    """Whether the reply is what the visitor should get, see data/README.md."""
    return _RIGHT.get(one.kind, reached)(one)


COLUMNS: tuple[Column, ...] = (
    ("right reply", _every, is_right),
    ("right first", _covered, right_first),
    ("right in first 3", _covered, right_in_three),
    ("answered right", _covered, answered_right),
    ("answered wrong", _every, answered_wrong),
    ("offered", _every, offered_only),
    ("unknown", _every, unknown),
    (
        "one of two shown",
        lambda one: one.kind == "two_questions",
        lambda one: bool(one.right & shown(one)),
    ),
    (
        "read with the one before",
        lambda one: one.kind.startswith("follow_ups"),
        lambda one: one.joined,
    ),
)


def main() -> None:
    """Ask the sets of the bundled FAQ as it ships and write the figures."""
    with TemporaryDirectory() as home:
        bot, answers = first_day(ChatSettings(home=Path(home)))
        asked = ask_sets(bot, answers)
    figures = set_figures(asked)
    for kind, found in figures.items():
        found["missed"] = [one.query for one in asked if one.kind == kind and not is_right(one)]
    write_result("replies", figures)


def ask_sets(bot: Bot, answers: Mapping[str, str]) -> list[Asked]:
    """Ask every query of every set; `answers` are by entry id."""
    return [
        ask(bot, row, answers, faq="bundled", kind=", ".join(filter(None, [name, row.get(part)])))
        for name, part in SETS.items()
        for row in read_table(bundled_path(f"{name}.csv")).rows
    ]


def set_figures(asked: Sequence[Asked]) -> dict[str, dict[str, Any]]:
    """Return the columns of each kind of query, each as [share, low, high]."""
    kinds = dict.fromkeys(one.kind for one in asked)
    groups = {kind: [one for one in asked if one.kind == kind] for kind in kinds}
    return {kind: {"n": len(group), **intervals(group, COLUMNS)} for kind, group in groups.items()}


if __name__ == "__main__":
    main()
