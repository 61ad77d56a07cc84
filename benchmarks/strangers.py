"""What visitors of ordinary FAQs meet: FAQs with one phrasing an entry that nobody tuned for.

A folder holds NAME.csv, a FAQ, with NAME_queries.csv, NAME_out_of_scope.csv and, where there are
any, NAME_ambiguous.csv (one or two words), NAME_two.csv (two questions at once) and
NAME_followup.csv. Each FAQ is prepared as `mundap serve --faq NAME.csv` prepares it on its first
day, and everything is asked as the page asks it.

    MUNDAP_DATA_DIR=... python -m benchmarks.strangers [--folder FOLDER]
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.result import data_dir, write_result
from mundap.chatbot.bot import Bot
from mundap.chatbot.home.first_run import prepare
from mundap.chatbot.live_bundle import LiveBundle
from mundap.chatbot.settings import ChatSettings
from mundap.evaluation.statistics.bootstrap import estimate
from mundap.index.korean.text import match_key
from mundap.index.tables.table import read_table

KINDS = ("queries", "out_of_scope", "ambiguous", "two", "followup")
# The first queries of these FAQs are reworded and colloquial (part A), the rest easier (part B).
PART_A = {
    "city_library": 93,
    "software_service": 104,
    "clinic": 98,
    "university_dorm": 97,
    "car_rental": 90,
}
CERTAIN = 0.9


@dataclass(frozen=True, slots=True)
class Asked:
    """One query of a FAQ, the entries that are right, and what the visitor saw.

    `ranked` are the answers of the first entries, best first; `answered` the one given, None
    without one; `offered` those of the entries offered; `right` those that answer the query.
    Answers stand for entries, as two entries may share one. `joined` says whether it was read
    with the question before.
    """

    faq: str
    kind: str
    part: str
    query: str
    right: frozenset[str]
    ranked: tuple[str, ...]
    answered: str | None
    offered: frozenset[str]
    confidence: float
    joined: bool


Column = tuple[str, Callable[[Asked], bool], Callable[[Asked], bool]]


def _covered(one: Asked) -> bool:
    return one.kind == "queries"


def _of(kind: str) -> Callable[[Asked], bool]:
    return lambda one: one.kind == kind


def right_first(one: Asked) -> bool:
    """Whether an entry that answers the query comes first."""
    return bool(set(one.ranked[:1]) & one.right)


def right_in_three(one: Asked) -> bool:
    """Whether an entry that answers the query is among the first three."""
    return bool(set(one.ranked[:3]) & one.right)


def answered_right(one: Asked) -> bool:
    """Whether an answer was given, and is right."""
    return one.answered in one.right


def answered_wrong(one: Asked) -> bool:
    """Whether an answer was given that is not right."""
    return one.answered is not None and not answered_right(one)


def reached(one: Asked) -> bool:
    """Whether the visitor got the right answer, or may choose its entry."""
    return answered_right(one) or (one.answered is None and bool(one.offered & one.right))


def offered_only(one: Asked) -> bool:
    """Whether entries were offered in place of an answer."""
    return one.answered is None and bool(one.offered)


def unknown(one: Asked) -> bool:
    """Whether no entry was shown at all."""
    return one.answered is None and not one.offered


def shown(one: Asked) -> frozenset[str]:
    """Return what the visitor saw, answered or offered."""
    return one.offered | ({one.answered} if one.answered is not None else set())


# Name, of which queries, and what is counted among them.
COLUMNS: tuple[Column, ...] = (
    ("right first", _covered, right_first),
    ("right in first 3", _covered, right_in_three),
    ("answered right", _covered, answered_right),
    ("answered wrong", _covered, answered_wrong),
    (
        "right of the answered",
        lambda one: _covered(one) and one.answered is not None,
        answered_right,
    ),
    ("reached", _covered, reached),
    ("unknown though covered", _covered, unknown),
    ("out of scope answered", _of("out_of_scope"), lambda one: one.answered is not None),
    ("out of scope offered", _of("out_of_scope"), lambda one: bool(one.offered)),
    ("ambiguous answered", _of("ambiguous"), lambda one: one.answered is not None),
    ("ambiguous offered", _of("ambiguous"), offered_only),
    (
        "one word, certain",
        lambda one: one.kind == "ambiguous" and len(one.query.split()) == 1,
        lambda one: one.confidence >= CERTAIN,
    ),
    ("both of two shown", _of("two"), lambda one: one.right <= shown(one)),
    ("follow-up reached", _of("followup"), reached),
)


def main() -> None:
    """Ask every FAQ of the folder and write the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.strangers")
    parser.add_argument("--folder", type=Path, help="a folder of FAQs; default: strangers")
    folder = parser.parse_args().folder or data_dir() / "strangers"
    asked = [one for faq in faqs_of(folder) for one in ask_all(faq)]
    if not asked:
        sys.exit(f"{folder}: no FAQ here; wanted NAME.csv beside NAME_queries.csv.")
    command = "benchmarks.strangers" if folder.name == "strangers" else None
    command = command or f"benchmarks.strangers --folder {folder.name}"
    write_result(folder.name, figures(asked), command)


def faqs_of(folder: Path) -> list[Path]:
    """Return the FAQ files of a folder, in the order of their names."""
    files = sorted(folder.glob("*_queries.csv"))
    return [file.with_name(file.name.replace("_queries.csv", ".csv")) for file in files]


def ask_all(faq: Path) -> list[Asked]:
    """Prepare one FAQ in a home folder of its own and ask everything that lies beside it."""
    with TemporaryDirectory() as home:
        bot, answers = first_day(ChatSettings(faq=faq, home=Path(home)))
        found = [one for kind in KINDS for one in _ask_kind(bot, faq, kind, answers)]
    print(faq.stem, _means(found), file=sys.stderr)
    return found


def first_day(settings: ChatSettings) -> tuple[Bot, dict[str, str]]:
    """Prepare a FAQ as `mundap serve` does; return its bot, and the answer of each entry's id."""
    live = LiveBundle.open(prepare(settings).index)
    answers = {entry.entry_id: match_key(entry.answer) for entry in live.get().entries}
    return Bot.of(live, settings), answers


def _ask_kind(bot: Bot, faq: Path, kind: str, answers: dict[str, str]) -> Iterable[Asked]:
    file = faq.with_name(f"{faq.stem}_{kind}.csv")
    if not file.exists():
        return
    for place, row in enumerate(read_table(file).rows):
        part = "A" if place < PART_A.get(faq.stem, 0) else "B"
        yield ask(bot, row, answers, faq=faq.stem, kind=kind, part=part)


def ask(
    bot: Bot,
    row: Mapping[Any, Any],
    answers: Mapping[str, str],
    *,
    faq: str,
    kind: str,
    part: str = "B",
) -> Asked:
    """Ask the query of a row, after its `previous_query` where it has one."""
    query = str(row["query"])
    explained = bot.explain(query, previous=row.get("previous_query"))
    reply = explained.reply
    return Asked(
        faq,
        kind,
        part,
        query,
        right=frozenset(answers[entry_id] for entry_id in ids_of(row)),
        ranked=tuple(answers[hit.entry_id] for hit in explained.hits),
        answered=answers[reply.entry_id] if reply.kind == "answer" and reply.entry_id else None,
        offered=frozenset(answers[one.entry_id] for one in reply.suggestions),
        confidence=reply.confidence or 0.0,
        joined=reply.read_with is not None,
    )


def ids_of(row: Mapping[Any, Any]) -> list[str]:
    """Return the ids of the entries that answer the query of a row."""
    ids = str(row.get("entry_ids") or row.get("entry_id") or "")
    return [entry_id for entry_id in ids.split("|") if entry_id]


def figures(asked: Sequence[Asked]) -> dict[str, Any]:
    """Return each column with its interval: in all, by part and by FAQ."""
    names = sorted({one.faq for one in asked})
    groups = {"all": list(asked)}
    groups |= {f"part {part}": [one for one in asked if one.part == part] for part in "AB"}
    groups |= {name: [one for one in asked if one.faq == name] for name in names}
    return {
        name: {"n": _counts(group), **intervals(group, COLUMNS)} for name, group in groups.items()
    }


def _counts(asked: Sequence[Asked]) -> dict[str, int]:
    return {kind: sum(one.kind == kind for one in asked) for kind in KINDS}


def intervals(asked: Sequence[Asked], columns: Sequence[Column]) -> dict[str, list[float]]:
    """Return each column that any query counts for, as [share, low, high]."""
    found = {}
    for name, of, counted in columns:
        among = [one for one in asked if of(one)]
        if among:
            values = np.array([counted(one) for one in among], dtype=np.float64)
            # Queries of one entry succeed or fail together; what has none stands alone.
            clusters = [(one.faq, tuple(sorted(one.right)) or one.query) for one in among]
            interval = estimate(values, clusters, float(values.mean())).to_list()
            found[name] = [round(value, 3) for value in interval]
    return found


def _means(asked: Sequence[Asked]) -> dict[str, float]:
    return {name: values[0] for name, values in intervals(asked, COLUMNS).items()}


if __name__ == "__main__":
    main()
