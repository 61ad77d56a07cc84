import logging
import shutil
import threading
from pathlib import Path

import pytest

from mundap.chatbot.live_bundle import LiveBundle
from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.manifest import BundleError
from mundap.index.faq.entry import FaqEntry
from tests.chatbot.small_faq import ENTRIES, build, tiny_encoder

MORE = (*ENTRIES, FaqEntry("gift-1", "선물 포장이 되나요?", "네, 무료예요."))


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    build(tmp_path / "index")
    return tmp_path / "index"


@pytest.fixture
def live(directory: Path) -> LiveBundle:
    return LiveBundle.open(directory, tiny_encoder())


def generation(bundle: Bundle) -> int:
    return bundle.manifest.generation


def damage(directory: Path) -> None:
    vectors = sorted(directory.glob("generations/*/vectors.faiss"))[-1]
    vectors.write_bytes(vectors.read_bytes()[:-7])


def test_a_rebuild_is_picked_up(live: LiveBundle, directory: Path) -> None:
    assert generation(live.get()) == 1
    build(directory, MORE)
    assert live.get().entries == MORE


def test_a_request_keeps_the_generation_it_was_handed(live: LiveBundle, directory: Path) -> None:
    held = live.get()
    for _ in range(5):  # by now the files of the first generation are gone
        build(directory, MORE)
    assert generation(live.get()) == 6
    assert not held.path.exists()
    assert held.retriever.search(["안녕하세요"], 1)[0][0].entry_id == "hello-1"


def test_no_request_fails_or_goes_back_during_rebuilds(live: LiveBundle, directory: Path) -> None:
    stop, seen, errors = threading.Event(), [], []

    def ask() -> None:
        try:
            while not stop.is_set():
                bundle = live.get()
                assert bundle.retriever.search(["안녕하세요"], 1)[0][0].entry_id == "hello-1"
                seen.append(generation(bundle))
        except Exception as error:
            errors.append(error)

    visitor = threading.Thread(target=ask)
    visitor.start()
    for _ in range(4):
        build(directory)
    stop.set()
    visitor.join()
    assert errors == []
    assert seen == sorted(seen)
    assert generation(live.get()) == 5


def test_a_damaged_generation_leaves_the_old_one_serving(
    live: LiveBundle, directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    build(directory, MORE)
    damage(directory)
    assert generation(live.get()) == 1
    assert generation(live.get()) == 1
    messages = [record.message for record in caplog.records if record.levelno == logging.ERROR]
    assert len(messages) == 1  # once, not at every request
    assert "vectors.faiss" in messages[0]
    assert messages[0].endswith("Generation 000001 goes on serving.")


def test_the_next_good_generation_is_picked_up_after_a_damaged_one(
    live: LiveBundle, directory: Path
) -> None:
    build(directory, MORE)
    damage(directory)
    assert generation(live.get()) == 1
    build(directory, MORE)
    assert generation(live.get()) == 3


def test_an_encoder_that_cannot_be_loaded_leaves_the_old_generation_serving(
    live: LiveBundle, directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    build(directory, MORE, fingerprint="tiny-2")
    assert generation(live.get()) == 1
    assert "encoders/tiny-2: no such encoder directory" in caplog.text


def test_a_removed_directory_leaves_the_old_generation_serving(
    live: LiveBundle, directory: Path
) -> None:
    shutil.rmtree(directory)
    assert live.get().entries == ENTRIES


def test_an_unchanged_directory_sets_off_no_reload(live: LiveBundle) -> None:
    first = live.get()
    assert live.get() is first


def test_an_empty_directory_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no index here"):
        LiveBundle.open(tmp_path)
