"""Publishing and rolling back while a server serves."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mundap.chatbot.home.draft_error import DraftError
from mundap.chatbot.home.home import Home
from mundap.chatbot.home.jobs import Jobs
from mundap.chatbot.home.publishing import Publishing
from mundap.chatbot.home.sources import record_sources
from mundap.chatbot.settings import ChatSettings
from mundap.feedback.store.database import Database
from mundap.index.bundle.bundle import Bundle
from mundap.index.faq.entry import FaqEntry, write_faq
from tests.chatbot.small_faq import ENTRIES, build, tiny_encoder

NEW = FaqEntry("", "주차할 수 있나요?", "건물 뒤에 주차장이 있습니다.")


@pytest.fixture
def settings(tmp_path: Path) -> ChatSettings:
    write_faq(ENTRIES, tmp_path / "faq.csv")
    return ChatSettings(faq=tmp_path / "faq.csv", home=tmp_path / "home", speed="fast")


@pytest.fixture
def publishing(settings: ChatSettings) -> Iterator[Publishing]:
    """A FAQ that serves from its file and was never edited."""
    home = Home.of(settings)
    build(home.index)
    record_sources(home.prepared, home.sources())
    database = Database.of(None, home.directory)
    yield Publishing.of(settings, database, Jobs())
    database.close()


def test_editing_begins_with_what_serves(publishing: Publishing) -> None:
    assert not publishing.has_draft
    assert publishing.draft.begin("김사장")
    assert not publishing.draft.begin("김사장")
    assert publishing.draft.copy.entries() == list(ENTRIES)
    assert not publishing.draft.unpublished()
    assert publishing.newer_file is None


def test_a_file_that_changed_since_is_named(
    publishing: Publishing, settings: ChatSettings, caplog: pytest.LogCaptureFixture
) -> None:
    publishing.draft.begin("김사장")
    assert settings.faq is not None
    write_faq(ENTRIES[1:], settings.faq)

    again = Publishing.of(settings, publishing.draft.copy.database, Jobs())

    assert again.newer_file is not None
    assert "`mundap faq import" in again.newer_file
    assert again.newer_file in caplog.text


def test_a_roll_back_brings_the_faq_back_and_says_what_was_not_published(
    publishing: Publishing,
) -> None:
    draft = publishing.draft
    draft.begin("김사장")
    fee = replace(ENTRIES[0], answer="무료입니다.")
    draft.copy.save(fee, "김사장")
    build(draft.home.index, (fee, *ENTRIES[1:]))
    draft.copy.save(NEW, "김사장")
    before = draft.copy.entries()

    done = draft.roll_back("김사장", tiny_encoder())

    assert draft.copy.entries() == list(ENTRIES)
    assert (done.generation, len(done.unpublished), len(done.difference)) == (1, 1, 2)
    draft.copy.undo(done.deed, "김사장")
    assert draft.copy.entries() == before


def test_a_roll_back_to_nowhere_changes_nothing(publishing: Publishing) -> None:
    with pytest.raises(DraftError, match="`mundap index rollback"):
        publishing.draft.roll_back("김사장", tiny_encoder())


def test_what_a_generation_held_is_known_when_its_index_is_gone(publishing: Publishing) -> None:
    draft = publishing.draft
    draft.begin("김사장")
    state, entries = draft.copy.snapshot()
    draft.copy.published(7, "김사장", state, {"added": 0, "changed": 0, "removed": 0})
    draft.copy.save(NEW, "김사장")
    assert draft.entries_of(7) == entries
    assert draft.difference("7", "draft").counts() == {"added": 1, "changed": 0, "removed": 0}
    with pytest.raises(DraftError, match="what generation 8 held is not known"):
        draft.entries_of(8)


@pytest.mark.slow
def test_a_child_publishes_and_tells_what_changed(
    publishing: Publishing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    draft = publishing.draft
    draft.begin("김사장")
    draft.copy.save(NEW, "김사장")

    publishing.publish("김사장")
    publishing.jobs.wait()

    job = publishing.jobs.last()
    assert job is not None
    assert (job.state, job.action, job.generation) == ("done", "publish", 2)
    counts = {name: job.result[name] for name in ("added", "changed", "removed")}
    assert counts == {"added": 1, "changed": 0, "removed": 0}
    assert list(Bundle.open(draft.home.index).entries) == draft.copy.entries()
    assert draft.copy.publications(1)[0].generation == 2
