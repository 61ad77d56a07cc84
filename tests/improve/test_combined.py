"""Improving beside everything else that changes an index: publishing, going back, another owner."""

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from mundap.chatbot.home.child import run_mundap
from mundap.chatbot.home.draft import Draft
from mundap.chatbot.home.home import Home
from mundap.chatbot.home.sources import record_sources
from mundap.chatbot.settings import ChatSettings
from mundap.feedback.store.database import Database
from mundap.improve import proof
from mundap.improve.candidate import Workshop
from mundap.improve.notes import ImproveError
from mundap.index.bundle.bundle import Bundle
from mundap.index.encoders.registry import load_encoder
from mundap.index.faq.entry import FaqEntry, write_faq
from tests.feedback.postgres import Postgres
from tests.improve.small_shop import ENTRIES, improved, say, uncovered, visitors
from tests.training.small_base import configured, write_small_base

pytestmark = pytest.mark.slow

ANSWER = "배송비는 오늘부터 없어요."


@dataclass(frozen=True)
class FullShop:
    """A shop whose home folder the command line knows too."""

    settings: ChatSettings
    base: Path

    @property
    def home(self) -> Home:
        return Home.of(self.settings)

    @property
    def workshop(self) -> Workshop:
        training = configured(self.base, batch_size=16, epochs=2, refit=True)
        home = self.home
        return Workshop(home.index, home.encoder, home.directory / "improve", training=training)

    def database(self) -> Database:
        return Database.of(self.settings.database_url, self.home.directory)

    def serving(self) -> Bundle:
        return Bundle.open(self.home.index)

    def run(self, command: str) -> None:
        """Run `mundap faq COMMAND` on this shop, as a child process."""
        line = ["faq", command, "--faq", str(self.settings.faq), "--speed", "fast"]
        assert run_mundap([*line, "--home", str(self.settings.home), "--owner", "박두리"]) == 0


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> FullShop:
    """The shop over both databases, with an encoder of two megabytes."""
    url = None
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.new_database()
        monkeypatch.setenv("MUNDAP_DATABASE_URL", url)
    faq = tmp_path / "hanamall.csv"
    write_faq(ENTRIES, faq)
    settings = ChatSettings(home=tmp_path / "home", faq=faq, speed="fast", database_url=url)
    (tmp_path / "base").mkdir()
    shop = FullShop(settings, write_small_base(tmp_path / "base"))
    home = shop.home
    Bundle.build(home.index, ENTRIES, load_encoder(shop.base), encoder_directory=shop.base)
    record_sources(home.prepared, home.sources())
    return shop


@pytest.fixture
def draft(shop: FullShop) -> Iterator[Draft]:
    """What its owner edits: everything that visitors say was accepted."""
    database = shop.database()
    draft = Draft.of(shop.settings, database)
    draft.begin("김하나")
    for query, _, entry_id in visitors():
        assert entry_id is not None
        draft.copy.add_phrasing(entry_id, query, "김하나")
    say(database, uncovered())
    yield draft
    database.close()


def mended(draft: Draft) -> FaqEntry:
    """Let the owner write another answer, and return the entry."""
    entry = replace(draft.copy.entries()[0], answer=ANSWER)
    draft.copy.save(entry, "박두리")
    return entry


def test_an_improvement_is_published_over_moved_and_taken_back(
    shop: FullShop, draft: Draft, tmp_path: Path
) -> None:
    assert improved(shop.workshop, draft.copy.database).state == "promoted"
    learned = shop.serving()
    assert (learned.manifest.generation, len(draft.unpublished())) == (2, 0)

    mended(draft)
    shop.run("publish")
    published = shop.serving()
    assert (published.manifest.generation, published.entries[0].answer) == (3, ANSWER)
    # What was proven serves on: encoder, weights and confidence.
    assert published.manifest.encoder == learned.manifest.encoder
    assert published.retriever.fusion == learned.retriever.fusion
    assert published.confidence.fit["improved_in"] == 2
    assert replace(published.confidence, fit={}) == replace(learned.confidence, fit={})
    draft.copy.database.close()

    shutil.move(shop.settings.home, tmp_path / "elsewhere")
    moved = replace(
        shop, settings=shop.settings.model_copy(update={"home": tmp_path / "elsewhere"})
    )
    assert moved.serving().entries == published.entries
    database = moved.database()
    there = Draft.of(moved.settings, database)
    for number, entries in ((2, learned.entries), (1, ENTRIES)):
        moved.run("rollback")
        serving = moved.serving()
        assert (serving.manifest.generation, list(serving.entries)) == (number, list(entries))
        assert (there.copy.entries(), len(there.unpublished())) == (list(entries), 0)
    # It goes on learning there; phrasings that went back are no phrasings again.
    ended = improved(moved.workshop, database)
    assert ended.state in ("promoted", "refused")
    assert list(moved.serving().entries) == ENTRIES
    database.close()


def test_of_two_owners_who_improve_at_once_the_second_is_told(
    shop: FullShop, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged, comparing, told = proof.judged, threading.Event(), threading.Event()

    def waiting(*arguments: Any) -> Any:
        comparing.set()
        assert told.wait(300)
        return judged(*arguments)

    monkeypatch.setattr(proof, "judged", waiting)
    states: list[str] = []
    first = threading.Thread(
        target=lambda: states.append(improved(shop.workshop, draft.copy.database).state)
    )
    first.start()
    assert comparing.wait(300)
    second = shop.database()
    with pytest.raises(ImproveError, match=r"^Another improvement of this FAQ is running\. Wait "):
        improved(shop.workshop, second)
    second.close()
    told.set()
    first.join()
    assert (states, shop.serving().manifest.generation) == (["promoted"], 2)


def test_what_is_published_while_it_improves_stays_and_is_built_on(
    shop: FullShop, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = proof.judged

    def published(*arguments: Any) -> Any:
        mended(draft)
        shop.run("publish")
        return judged(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(proof, "judged", published)
        ended = improved(shop.workshop, draft.copy.database)
    assert (ended.state, ended.report["reason"]) == ("refused", "overtaken")
    assert "다시 실행해 주세요." in ended.report["words"]["ko"]
    assert shop.serving().entries[0].answer == ANSWER
    assert len(draft.unpublished()) == 0

    again = improved(shop.workshop, draft.copy.database)
    assert again.state in ("promoted", "refused")
    assert shop.serving().entries == tuple(draft.copy.entries())
    assert shop.serving().entries[0].answer == ANSWER
