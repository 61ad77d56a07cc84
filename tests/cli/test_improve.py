import json
from pathlib import Path

import pytest

from mundap.chatbot.home.home import Home
from mundap.chatbot.settings import ChatSettings
from mundap.feedback.editing.working_copy import WorkingCopy
from mundap.feedback.store.database import Database
from mundap.feedback.verdicts.improvements import last_improvements
from mundap.index.faq.entry import read_faq
from tests.cli.test_process import in_a_process
from tests.command_lines import Outcome, assert_refused

pytestmark = pytest.mark.slow


@pytest.fixture
def faq(files: Path) -> Path:
    """A FAQ of one answer: there is nothing to train."""
    path = files / "one.csv"
    path.write_text("entry_id,question,answer\nfee,배송비 얼마예요?,삼천 원\n", encoding="utf-8")
    return path


def improve(faq: Path, *arguments: str) -> Outcome:
    """Run it as a shell would: a first start has children."""
    given = ("--faq", str(faq), "--speed", "fast", *arguments)
    return in_a_process("improve", *given, cwd=faq.parent)


def home(faq: Path, folder: Path) -> Home:
    return Home.of(ChatSettings(faq=faq, home=folder / "home", speed="fast"))


def test_who_judged_nothing_is_told_so_and_it_ends_well(faq: Path) -> None:
    told = improve(faq)
    assert (told.code, told.out) == (0, "")
    assert told.err.splitlines()[-1] == (
        "There is nothing new to learn. Judge what visitors ask, and it learns from that."
    )
    told = improve(faq, "--language", "ko")
    assert told.err.splitlines()[-1].startswith("새로 배울 것이 없습니다.")


def test_one_accepted_phrasing_is_too_little_to_prove_and_the_store_knows(
    faq: Path, tmp_path: Path
) -> None:
    place = home(faq, tmp_path)
    database = Database.of(None, place.directory)
    working_copy = WorkingCopy(database)
    working_copy.take_over(read_faq(faq), "주인", "one.csv")
    working_copy.add_phrasing("fee", "송료 알려 줘요", "주인")
    told = improve(faq, "--json", "--owner", "주인")
    report = json.loads(told.out)
    assert told.code == 0
    assert (report["state"], report["reason"]) == ("refused", "too few")
    assert report["learned"]["phrasings"] == 1
    assert report["trained"]["words"]["ko"].startswith("답이 하나뿐이라")
    with database.reading() as connection:
        [kept] = last_improvements(connection, 2)
    database.close()
    assert {"state": kept.state, **kept.report} == report


def test_progress_and_end_are_told_to_the_page_in_json(
    faq: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    improve(faq)
    monkeypatch.setenv("MUNDAP_PROGRESS", "json")
    told = improve(faq)
    last = json.loads(told.out.splitlines()[-1])
    assert (last["event"], last["values"]["state"]) == ("result", "nothing")
    assert set(last["values"]["words"]) == {"ko", "en"}


def test_a_margin_that_is_no_share_is_refused(faq: Path) -> None:
    refused = improve(faq, "--margin", "2")
    assert_refused(refused, r"margin is 2\.0; wanted 0 to 1, 0\.02 say\.")
