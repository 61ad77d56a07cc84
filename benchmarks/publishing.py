"""Publishing 10,000 entries of which five were edited: the processor time of the command.

The entries of `data/training_faqs`, as the branches of a chain would have them.

    python -m benchmarks.publishing [--entries 10000] [--speed fast] [--home DIRECTORY]
"""

import argparse
import os
import resource
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from itertools import islice, product
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.result import write_result
from mundap.index.faq.entry import FaqEntry, read_faq, write_faq

_ROOT = Path(__file__).resolve().parents[1]
_FAQS = _ROOT / "data" / "training_faqs"
_BRANCHES = ("", "강남점 ", "해운대점 ", "대전점 ", "온라인몰 ")
EDITED = 5


def main() -> None:
    """Publish all, edit some, publish again, and write the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.publishing")
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--speed", choices=("full", "fast"), default="full")
    parser.add_argument("--home", type=Path, help="where what was made stays, to look at it")
    options = parser.parse_args()
    with ExitStack() as stack:
        home = options.home or Path(stack.enter_context(TemporaryDirectory()))
        faq = home / "faq.jsonl"
        usual = ("--faq", str(faq), "--home", str(home / "home"))
        home.mkdir(parents=True, exist_ok=True)
        entries = _entries(options.entries)
        figures: dict[str, object] = {"entries": len(entries), "edited": EDITED}
        for name in ("all of them new", "edited"):
            write_faq(entries, faq)
            figures[f"import, {name}"] = _processor_seconds("import", str(faq), *usual)
            speed = ("--speed", options.speed)
            figures[f"publish, {name}"] = _processor_seconds("publish", *usual, *speed)
            entries = _edited(entries)
    command = f"benchmarks.publishing --entries {options.entries} --speed {options.speed}"
    write_result(f"publishing_{options.speed}", figures, command)


def _entries(number: int) -> list[FaqEntry]:
    faqs = [
        (path.stem, read_faq(path))
        for path in sorted(_FAQS.glob("*.csv"))
        if (_FAQS / f"{path.stem}_queries.csv").exists()
    ]
    every = (
        FaqEntry(
            f"{name}-{place}-{entry.entry_id}",
            f"{branch}{entry.question}",
            f"{branch}{entry.answer}",
            entry.alternates,
            entry.category,
        )
        for (place, branch), (name, faq) in product(enumerate(_BRANCHES), faqs)
        for entry in faq
    )
    return list(islice(every, number))


def _edited(entries: list[FaqEntry]) -> list[FaqEntry]:
    """Change questions and answers here and there."""
    changed = list(entries)
    for row in range(0, len(entries), -(-len(entries) // EDITED)):
        entry = entries[row]
        changed[row] = replace(
            entry,
            question=f"{entry.question.rstrip('?')} 알려 주세요",
            answer=f"{entry.answer} 더 궁금한 점은 1층 안내 데스크에 물어보세요.",
        )
    return changed


def _processor_seconds(*arguments: str) -> float:
    def used() -> float:
        taken = resource.getrusage(resource.RUSAGE_CHILDREN)
        return taken.ru_utime + taken.ru_stime

    before = used()
    subprocess.run(
        [sys.executable, "-m", "mundap.cli", "faq", *arguments],
        cwd=_ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""},
        capture_output=True,
        check=True,
    )
    return round(used() - before, 1)


if __name__ == "__main__":
    main()
