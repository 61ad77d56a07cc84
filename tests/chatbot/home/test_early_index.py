"""A first index that serves while the whole one is made: nothing in between leaves it for good."""

import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mundap.chatbot.api.routes.admin import rebuild_arguments
from mundap.chatbot.home import first_run
from mundap.chatbot.home.completion import completing
from mundap.chatbot.home.first_run import is_prepared, is_to_be_completed, open_live, prepare
from mundap.chatbot.home.home import Home, PreparationError
from mundap.chatbot.live_bundle import LiveBundle
from mundap.chatbot.settings import ChatSettings
from mundap.index.bundle import encoder_store
from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.contents import read_entries
from mundap.index.bundle.generations import Generations
from mundap.index.bundle.manifest import READING, Manifest
from mundap.index.encoders.encoder import directory_fingerprint
from mundap.index.encoders.registry import load_encoder
from mundap.index.faq.entry import read_faq
from tests.small_encoder import small_encoder
from tests.tiny_encoder import TinyReader

ROWS = ("환불 되나요?,네.,환불돼요|돈 돌려줘요", "배송 되나요?,아니요.,배송돼요|보내 줘요")


class Steps:
    """Does what the child processes would, with encoders of a few rows; remembers which."""

    def __init__(self, folder: Path) -> None:
        self.taken: list[str] = []
        self.reader, self.base = folder / "reader", small_encoder(folder / "base")
        self.reader.mkdir()
        (self.reader / "weights").write_text("a", encoding="utf-8")

    def __call__(self, arguments: Sequence[str], step: str) -> None:
        if step == "Training":
            small_encoder(Path(arguments[arguments.index("--output") + 1]), 1 + len(self.taken))
            self.taken.append(step)
            return
        given = dict(zip(arguments[2::2], arguments[3::2], strict=True))
        source = self.base if given["--encoder"] == "default" else Path(given["--encoder"])
        reads = given["--pretrained"] != "none"
        self.taken.append("whole" if reads else "early")
        Bundle.build(
            Path(given["--output"]),
            read_faq(Path(given["--faq"])),
            load_encoder(source),
            encoder_directory=source,
            pretrained=self.load(self.reader) if reads else None,
            pretrained_directory=self.reader if reads else None,
            wait=60,
        )

    def load(self, directory: Path) -> TinyReader:
        return TinyReader(directory_fingerprint(directory))


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Steps:
    found = Steps(tmp_path)
    monkeypatch.setattr(first_run, "_run", found)
    monkeypatch.setattr(first_run, "_QUICKLY_READ", 1)
    monkeypatch.setattr(encoder_store, "load_pretrained", found.load)
    return found


@pytest.fixture
def settings(tmp_path: Path) -> ChatSettings:
    write_faq_of(tmp_path / "faq.csv", "네.")
    return ChatSettings(faq=tmp_path / "faq.csv", home=tmp_path / "home")


def write_faq_of(path: Path, first_answer: str) -> None:
    rows = [row.replace("네.", first_answer) for row in ROWS]
    path.write_text("\n".join(["question,answer,alternates", *rows]), encoding="utf-8")


def serving(settings: ChatSettings) -> tuple[int, bool]:
    """Return the generation that serves, and whether a pretrained encoder has read it."""
    manifest = Manifest.read(Generations(Home.of(settings).index).current())
    return manifest.generation, READING in manifest.encoders


def test_who_serves_the_early_index_serves_the_whole_one_once_it_is_made(
    settings: ChatSettings, steps: Steps
) -> None:
    live = open_live(settings, early=True)
    early = live.get()
    assert (early.manifest.generation, early.retriever.content) == (1, None)
    assert is_to_be_completed(Home.of(settings))

    home = prepare(settings)

    whole = live.get()
    assert (whole.manifest.generation, whole.retriever.content is not None) == (2, True)
    assert whole.manifest.encoder == directory_fingerprint(home.encoder) != early.manifest.encoder
    assert steps.taken == ["early", "Training", "whole"]
    assert is_prepared(home)
    assert not is_to_be_completed(home)
    assert not home.early.exists()


def test_an_early_index_is_not_made_again_by_the_next_start(
    settings: ChatSettings, steps: Steps
) -> None:
    for _ in range(3):
        assert open_live(settings, early=True).get().manifest.generation == 1
    prepare(settings)
    assert open_live(settings, early=True).get().manifest.generation == 2
    assert steps.taken == ["early", "Training", "whole"]


def test_an_edit_of_the_faq_is_in_the_next_early_index(
    settings: ChatSettings, steps: Steps
) -> None:
    open_live(settings, early=True)
    write_faq_of(settings.faq, "일주일 안에요.")
    edited = open_live(settings, early=True).get()
    assert (edited.manifest.generation, edited.entries[0].answer) == (2, "일주일 안에요.")
    assert steps.taken == ["early", "early"]


def test_who_starts_while_another_completes_waits_for_nothing(
    settings: ChatSettings, steps: Steps, capsys: pytest.CaptureFixture[str]
) -> None:
    home = prepare(settings, early=True)
    with first_run._alone(home):  # as the other does
        assert open_live(settings, early=True).get().manifest.generation == 1
    assert capsys.readouterr().err == ""


def test_a_damaged_early_index_is_made_again_as_quickly(
    settings: ChatSettings, steps: Steps
) -> None:
    home = prepare(settings, early=True)
    vectors = home.index / "generations" / "000001" / "vectors.faiss"
    vectors.write_bytes(vectors.read_bytes()[:-1])
    assert open_live(settings, early=True).get().manifest.generation == 2
    assert steps.taken == ["early", "early"]


@pytest.mark.parametrize("failing", ["Training", "Indexing"])
def test_a_completion_that_fails_leaves_the_early_index_and_the_next_one_goes_on(
    settings: ChatSettings, steps: Steps, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    live = open_live(settings, early=True)

    def fails(arguments: Sequence[str], step: str) -> None:
        if step == failing:
            raise PreparationError(f"{step} was ended by the system (Killed).")
        steps(arguments, step)

    monkeypatch.setattr(first_run, "_run", fails)
    with pytest.raises(PreparationError, match=r"\(Killed\)"):
        prepare(settings)
    monkeypatch.setattr(first_run, "_run", steps)
    assert live.get().manifest.generation == 1
    assert is_to_be_completed(Home.of(settings))

    prepare(settings)
    assert live.get().manifest.generation == 2
    assert steps.taken == ["early", "Training", "whole"]  # what was trained is trained once


def test_a_home_that_moves_before_it_is_completed_serves_and_is_completed_where_it_is(
    settings: ChatSettings, steps: Steps, tmp_path: Path
) -> None:
    open_live(settings, early=True)
    settings.home.rename(tmp_path / "elsewhere")
    shutil.rmtree(steps.base)  # the bundle has its own
    moved = settings.model_copy(update={"home": tmp_path / "elsewhere"})

    live = open_live(moved, early=True)
    assert live.get().manifest.generation == 1
    prepare(moved)

    assert live.get().retriever.content is not None
    assert steps.taken == ["early", "Training", "whole"]
    assert not settings.home.exists()


def test_of_two_first_runs_at_once_both_serve_the_one_early_index_and_one_completes(
    settings: ChatSettings, steps: Steps
) -> None:
    with ThreadPoolExecutor(2) as pool:
        opened = [pool.submit(open_live, settings, early=True) for _ in range(2)]
        lives = [one.result() for one in opened]
        assert [live.get().manifest.generation for live in lives] == [1, 1]
        for done in [pool.submit(prepare, settings) for _ in range(2)]:
            done.result()
    assert [live.get().manifest.generation for live in lives] == [2, 2]
    assert steps.taken == ["early", "Training", "whole"]


def test_trained_built_and_trained_again_in_place_each_roll_back_has_its_encoder(
    settings: ChatSettings, steps: Steps
) -> None:
    live = open_live(settings, early=True)
    prepare(settings)
    home = Home.of(settings)
    first = directory_fingerprint(home.encoder)
    small_encoder(home.encoder, seed=9)  # the very files, written over
    write_faq_of(settings.faq, "일주일 안에요.")
    prepare(settings)
    assert (serving(settings), live.get().entries[0].answer) == ((3, True), "일주일 안에요.")

    assert live.rollback() == 2
    assert live.get().manifest.encoder == first
    assert live.get().retriever.content is not None
    assert live.rollback() == 1
    assert live.get().retriever.content is None
    assert live.get().retriever.search(["환불돼요"], 1)[0][0].entry.answer == "네."

    # Nor does the next start undo that, or take the early index for one to be completed.
    assert not is_to_be_completed(home)
    assert open_live(settings, early=True).get().manifest.generation == 1
    assert steps.taken == ["early", "Training", "whole", "whole"]


def test_a_rebuild_of_an_early_index_completes_it_whichever_comes_first(
    settings: ChatSettings, steps: Steps
) -> None:
    """Built as it is, once the whole one serves, it would take that one's place for good."""
    live = open_live(settings, early=True)
    assert rebuild_arguments(live, settings) == completing(settings)
    write_faq_of(settings.faq, "일주일 안에요.")
    assert rebuild_arguments(live, settings) == completing(settings)

    prepare(settings)

    again = rebuild_arguments(live, settings)
    assert again[:2] == ["index", "build"]
    assert again[again.index("--pretrained") + 1] == "mundap-small"
    assert Path(again[again.index("--encoder") + 1]) == live.get().encoder_directory


def test_another_index_is_rebuilt_as_it_is_whatever_the_home_still_wants(
    settings: ChatSettings, steps: Steps, tmp_path: Path
) -> None:
    prepare(settings, early=True)
    source = small_encoder(tmp_path / "other")
    entries = read_entries(Generations(Home.of(settings).index).current())
    Bundle.build(tmp_path / "index", entries, load_encoder(source), encoder_directory=source)
    again = rebuild_arguments(LiveBundle.open(tmp_path / "index"), settings)
    assert again[:4] == ["index", "build", "--output", str(tmp_path / "index")]
