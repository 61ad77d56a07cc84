"""What phrasings add: the bundled FAQ with 0 to 15 of them an entry, as an owner would serve it.

Each FAQ is a file of its own and is prepared as `mundap serve --faq FILE` prepares it: from three
questions an entry on an encoder is trained on it. The first phrasings of each entry are kept.
Asked are the test queries, what the FAQ cannot answer, and the sets of `benchmarks.replies`.

    python -m benchmarks.phrasings
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import strangers
from benchmarks.replies import ask_sets, set_figures
from benchmarks.result import write_result
from benchmarks.strangers import Asked, ask, first_day, intervals
from mundap.chatbot.bot import Bot
from mundap.chatbot.home.bundled import bundled_path
from mundap.chatbot.home.home import Home
from mundap.chatbot.settings import ChatSettings
from mundap.index.faq.entry import FaqEntry, read_faq, write_faq
from mundap.index.tables.table import read_table

PHRASINGS = (0, 1, 2, 4, 8, 15)
TESTS = {"queries": "queries.csv", "out_of_scope": "out_of_scope.csv"}


def main() -> None:
    """Measure every number of phrasings and write the figures."""
    entries = read_faq(bundled_path("faq"))
    figures = {str(count): measured(entries, count) for count in PHRASINGS}
    write_result("phrasings", {"entries": len(entries), "phrasings": figures})


def measured(entries: Sequence[FaqEntry], count: int) -> dict[str, Any]:
    """Return the figures of a FAQ with the first `count` phrasings of each entry."""
    with TemporaryDirectory() as folder:
        faq = Path(folder) / "faq.csv"
        write_faq([replace(entry, alternates=entry.alternates[:count]) for entry in entries], faq)
        settings = ChatSettings(faq=faq, home=Path(folder) / "home")
        bot, answers = first_day(settings)
        tests = _ask_tests(bot, answers)
        found = {
            "trained": Home.of(settings).encoder.exists(),
            **intervals(tests, strangers.COLUMNS),
            "sets": set_figures(ask_sets(bot, answers)),
        }
    print(count, found, file=sys.stderr, flush=True)
    return found


def _ask_tests(bot: Bot, answers: Mapping[str, str]) -> list[Asked]:
    return [
        ask(bot, row, answers, faq="bundled", kind=kind)
        for kind, file in TESTS.items()
        for row in read_table(bundled_path(file)).rows
    ]


if __name__ == "__main__":
    main()
