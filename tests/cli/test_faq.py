"""`mundap faq`: the FAQ as it is edited, published and taken back."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mundap.chatbot.home import first_run
from mundap.chatbot.home.child import mundap_environment
from mundap.chatbot.home.draft import Draft
from mundap.chatbot.home.first_run import is_prepared, prepare
from mundap.chatbot.settings import ChatSettings
from mundap.index.bundle.bundle import Bundle
from mundap.index.faq.entry import FaqEntry, write_faq
from tests.cli.small_faq import ENTRIES
from tests.command_lines import Mundap, assert_refused

FREE = replace(ENTRIES[0], answer="5만 원부터 무료예요.")
EDITED = [FREE, *ENTRIES[2:], FaqEntry("hours", "몇 시에 여나요?", "아침 9시예요.")]
CHANGES = "1 added, 1 changed, 1 removed"


@pytest.fixture
def shop(files: Path, mundap: Mundap, monkeypatch: pytest.MonkeyPatch) -> Mundap:
    """A FAQ that was published once; `edited.csv` is what its owner would have."""
    monkeypatch.setenv("MUNDAP_FAQ", str(files / "faq.csv"))
    monkeypatch.setenv("MUNDAP_SPEED", "fast")
    write_faq(EDITED, files / "edited.csv")
    assert mundap("faq", "import", "faq.csv").code == 0
    published = mundap("faq", "publish")
    assert (published.code, published.out) == (0, ""), published.err
    return mundap


def draft() -> Draft:
    return Draft.of(ChatSettings.load())


def served() -> list[FaqEntry]:
    return list(Bundle.open(draft().home.index).entries)


def test_a_file_is_taken_over_published_and_taken_back(shop: Mundap) -> None:
    assert served() == ENTRIES

    taken = shop("faq", "import", "edited.csv", "--owner", "김사장")
    assert taken.out.splitlines() == [
        "+ 몇 시에 여나요? (hours)",
        "~ 배송비는 얼마인가요? (fee)",
        "    answer: '3,000원이에요.' -> '5만 원부터 무료예요.'",
        "- 환불은 며칠 걸려요? (refund)",
    ]
    assert served() == ENTRIES
    assert shop("faq", "diff").out == taken.out

    assert f"Generation 2 serves: 4 entries, {CHANGES}." in shop("faq", "publish").err
    assert served() == EDITED
    assert shop("faq", "diff", "1", "2").out == taken.out
    assert shop("faq", "diff").out == ""

    back = shop("faq", "rollback")
    assert back.out == f"Generation 1 serves again; the FAQ is its own: {CHANGES}.\n"
    assert served() == draft().copy.entries() == ENTRIES


def test_edits_that_were_not_published_are_counted_by_a_roll_back_and_come_back(
    shop: Mundap,
) -> None:
    shop("faq", "import", "edited.csv")
    shop("faq", "publish")
    draft().copy.remove("phone", "김사장")

    lost = shop("faq", "rollback").out.splitlines()[1]

    assert lost.startswith("That took 1 edits out that were not published yet.")
    deed = draft().copy.publications(1)[0].deed
    shop("faq", "undo", str(deed))
    assert draft().copy.entries() == [entry for entry in EDITED if entry.entry_id != "phone"]


def test_the_history_says_who_did_what_and_what_serves(shop: Mundap) -> None:
    shop("faq", "import", "edited.csv", "--owner", "김사장")
    shop("faq", "publish", "--owner", "이점장")
    lines = shop("faq", "history").out.splitlines()
    assert lines[0].endswith(f"김사장  import: {CHANGES}")
    assert "= generation 2, which serves, since" in lines[5]
    assert shop("faq", "history", "--entry", "coupon").out.count("import:") == 1


def test_nothing_is_published_where_nothing_changed(shop: Mundap) -> None:
    again = shop("faq", "publish")
    assert "Generation 1 serves: 4 entries, 0 added, 0 changed, 0 removed." in again.err
    assert draft().serving() == 1


def test_a_file_alone_has_nothing_to_publish_or_to_take_back(mundap: Mundap, files: Path) -> None:
    assert_refused(mundap("faq", "publish", "--faq", "faq.csv"), "nothing to publish")
    assert_refused(mundap("faq", "rollback", "--faq", "faq.csv"), "`mundap index rollback")
    exported = mundap("faq", "export", "out.csv", "--faq", "faq.csv")
    assert exported.err == "4 entries written to out.csv\n"


@pytest.mark.parametrize("name", ["out.xlsx", "out.csv", "out.parquet", "out.jsonl"])
def test_an_import_of_an_export_changes_nothing(shop: Mundap, name: str) -> None:
    shop("faq", "export", name)
    before = draft().copy.entries()
    shown = shop("faq", "import", name)
    assert shown.out == ""
    assert "0 added, 0 changed, 0 removed; nothing was changed." in shown.err
    assert draft().copy.entries() == before


def test_what_was_published_outlives_a_change_of_the_file(shop: Mundap, files: Path) -> None:
    shop("faq", "import", "edited.csv")
    shop("faq", "publish")
    assert draft().newer_file() is None

    write_faq(ENTRIES[:1], files / "faq.csv")

    home = prepare(ChatSettings.load())
    assert is_prepared(home)
    assert served() == EDITED
    newer = draft().newer_file()
    assert newer is not None
    assert "has changed since it was taken over" in newer
    assert shop("faq", "import", "faq.csv").code == 0
    assert draft().newer_file() is None
    (files / "faq.csv").unlink()
    assert is_prepared(prepare(ChatSettings.load()))


def test_an_index_that_was_lost_is_made_of_what_was_published(
    shop: Mundap, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop("faq", "import", "edited.csv")
    shop("faq", "publish")
    draft().copy.remove("phone", "김사장")
    for file in draft().home.index.glob("generations/*/faq.jsonl"):
        file.write_text("", encoding="utf-8")
    (draft().home.index / "CURRENT").unlink()

    monkeypatch.setattr(first_run, "_run", lambda arguments, step: shop(*arguments))
    prepare(ChatSettings.load())

    assert served() == EDITED
    # Not what was edited since.
    assert [(one.generation, one.changed) for one in draft().copy.publications(2)] == [
        (3, 0),
        (2, 1),
    ]


def test_the_edits_that_an_index_alone_does_not_take_back_are_named(shop: Mundap) -> None:
    shop("faq", "import", "edited.csv")
    shop("faq", "publish")
    shown = shop("index", "rollback", draft().home.index)
    assert "`mundap faq rollback` goes back with the FAQ" in shown.err
    assert draft().copy.entries() == EDITED


def test_a_publication_tells_a_program_how_far_it_is(
    shop: Mundap, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop("faq", "import", "edited.csv")
    monkeypatch.setenv("MUNDAP_PROGRESS", "json")
    events = [json.loads(line) for line in shop("faq", "publish").out.splitlines()]
    assert {event["event"] for event in events[:-1]} == {"step"}
    counts = {"added": 1, "changed": 1, "removed": 1}
    assert events[-1] == {"event": "result", "values": {"generation": 2, **counts}}


def test_a_publication_that_fails_changes_nothing(
    shop: Mundap, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop("faq", "import", "edited.csv")

    def fails(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "vectors.faiss")

    monkeypatch.setattr("mundap.index.bundle.contents.Contents.write", fails)
    assert "No space left on device" in shop("faq", "publish").err
    assert (draft().serving(), draft().copy.entries()) == (1, EDITED)
    assert [one.generation for one in draft().copy.publications()] == [1]


KILLED = """
import importlib, os, signal, sys
place, when, *arguments = sys.argv[1:]
module, _, path = place.partition(":")
owner = importlib.import_module(module)
*parents, name = path.split(".")
for parent in parents:
    owner = getattr(owner, parent)
real = getattr(owner, name)
def killed(*given, **named):
    done = real(*given, **named) if when == "after" else None
    os.kill(os.getpid(), signal.SIGKILL)
setattr(owner, name, killed)
from mundap import cli
sys.argv = ["mundap", *arguments]
cli.main()
"""
PUBLISHING = {
    "while it writes": ("mundap.index.bundle.contents:Contents.write", "after"),
    "once it is sealed": ("mundap.chatbot.home.draft:Draft.begin_to_publish", "before"),
    "once it is announced": ("mundap.chatbot.home.draft:Draft.begin_to_publish", "after"),
    "once it serves": ("mundap.index.bundle.generations:Generations.promote", "after"),
    "once it is written down": (
        "mundap.feedback.editing.working_copy:WorkingCopy.published",
        "after",
    ),
}


def kill(place: str, when: str, *arguments: str) -> None:
    command = [sys.executable, "-P", "-c", KILLED, place, when, *arguments]
    done = subprocess.run(command, env=mundap_environment(), capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills as POSIX does")
@pytest.mark.parametrize("point", PUBLISHING)
def test_a_killed_publication_loses_nothing_and_the_next_one_works(
    shop: Mundap, point: str
) -> None:
    shop("faq", "import", "edited.csv")

    kill(*PUBLISHING[point], "faq", "publish")

    happened = point.startswith(("once it serves", "once it is written"))
    assert served() == (EDITED if happened else ENTRIES)
    assert draft().copy.entries() == EDITED
    assert is_prepared(draft().home)
    assert shop("faq", "publish").code == 0
    assert served() == EDITED
    serving, before = draft().copy.publications()
    assert (serving.generation, before.generation) == (draft().serving(), 1)
    assert (serving.added, serving.changed, serving.removed) == (1, 1, 1)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills as POSIX does")
@pytest.mark.parametrize(
    ("place", "when"),
    [
        ("mundap.index.bundle.writer:BundleWriter.rollback", "before"),
        ("mundap.index.bundle.writer:BundleWriter.rollback", "after"),
        ("mundap.feedback.editing.working_copy:WorkingCopy.rolled_back", "after"),
    ],
)
def test_a_killed_roll_back_has_happened_whole_or_not_at_all(
    shop: Mundap, place: str, when: str
) -> None:
    shop("faq", "import", "edited.csv")
    shop("faq", "publish")

    kill(place, when, "faq", "rollback")
    shop("faq", "publish")  # the next one who changes something takes it up

    then = EDITED if when == "before" else ENTRIES
    assert served() == draft().copy.entries() == then
    assert draft().serving() == (2 if when == "before" else 1)
