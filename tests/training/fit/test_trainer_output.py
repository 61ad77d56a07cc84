"""What a training run leaves on disk, whatever happens."""

import dataclasses
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mundap.index.encoders.encoder import EncoderError
from mundap.training.config import TrainingConfig
from mundap.training.data.pairs import PairError
from mundap.training.data.split import Split
from mundap.training.fit import encoder_directory, trainer
from mundap.training.fit.trainer import train
from tests.training.small_base import EASY, FAQ, PAIRS, configured, record

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("module", "step"),
    [
        (trainer, "_fit"),
        (encoder_directory, "draw_learning_curve"),
        (encoder_directory, "directory_fingerprint"),
    ],
)
def test_an_encoder_that_was_there_survives_a_failure(
    module: Any, step: str, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = configured(base, epochs=1)
    path = train(Split(PAIRS, None, []), config, tmp_path / "encoder")
    before = {file.name: file.read_bytes() for file in path.iterdir()}

    def fail(*args: Any, **kwargs: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(module, step, fail)
    with pytest.raises(OSError, match="No space left"):
        train(Split(PAIRS, None, []), dataclasses.replace(config, seed=1), path)
    assert {file.name: file.read_bytes() for file in path.iterdir()} == before
    # What was trained already is not lost; before the first epoch there is nothing to keep.
    left = [file.name for file in tmp_path.iterdir() if file != path]
    assert left == ([] if step == "_fit" else [".encoder.training"])


def test_a_new_encoder_replaces_the_old_one_whole(base: Path, tmp_path: Path) -> None:
    path = train(Split(PAIRS, None, []), configured(base, epochs=1), tmp_path / "encoder")
    (path / "left-over.txt").write_text("old", encoding="utf-8")
    first = record(path)
    train(Split(PAIRS, None, []), configured(base, epochs=1, seed=1), path)
    assert record(path)["fingerprint"] != first["fingerprint"]
    assert not (path / "left-over.txt").exists()
    assert [file.name for file in tmp_path.iterdir()] == ["encoder"]


def test_a_directory_of_other_files_is_refused_and_untouched(base: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years of work", encoding="utf-8")
    with pytest.raises(EncoderError, match=r"holds files that are no encoder\. Name an empty or"):
        train(Split(PAIRS, None, []), configured(base), tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_empty_directory_is_taken(base: Path, tmp_path: Path) -> None:
    assert train(Split(PAIRS, None, []), configured(base, epochs=1), tmp_path) == tmp_path
    assert (tmp_path / "modules.json").exists()


@pytest.mark.parametrize("answer", ["같아요.", None], ids=["one answer", "one entry"])
def test_one_answer_is_too_few(answer: str | None, base: Path, tmp_path: Path) -> None:
    entries = [dataclasses.replace(e, answer=answer) for e in FAQ] if answer else FAQ[:1]
    with pytest.raises(PairError, match="of 1 answers; wanted at least 2 different answers"):
        train(Split.of_faq(entries, TrainingConfig()), configured(base), tmp_path / "encoder")
    assert not (tmp_path / "encoder").exists()


def test_two_entries_are_enough(base: Path, tmp_path: Path) -> None:
    config = configured(base, epochs=1)
    train(Split.of_faq(FAQ[:2], config), config, tmp_path / "encoder")
    assert record(tmp_path / "encoder")["development_queries"] == 0


@contextmanager
def full_disk(room: int) -> Iterator[None]:
    """Let no file grow beyond `room` bytes, as a disk that is full would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize(
    ("room", "left"),
    [(1_000, []), (3_000, []), (6_000, []), (1_000_000, [".encoder.training"])],
    ids=["what it is", "a checkpoint's weights", "its optimiser", "the encoder"],
)
def test_a_full_disk_is_told_in_a_sentence_and_loses_nothing(
    room: int, left: list[str], base: Path, tmp_path: Path
) -> None:
    split = Split(PAIRS, EASY, [])
    path = train(split, configured(base, epochs=1), tmp_path / "encoder")
    before = {file.name: file.read_bytes() for file in path.iterdir()}
    told = r"encoder: could not be written .*stays\.|no room for a checkpoint .*--resume|run\.json"
    with full_disk(room), pytest.raises(OSError, match=told):
        train(split, configured(base, epochs=1, seed=1), path)
    assert {file.name: file.read_bytes() for file in path.iterdir()} == before
    assert [file.name for file in tmp_path.iterdir() if file != path] == left


def test_a_batch_wider_than_the_answers_is_told(
    base: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = configured(base, epochs=1, batch_size=4)
    for batch_size in (6, 7):
        wide = dataclasses.replace(config, batch_size=batch_size)
        train(Split(PAIRS, None, []), wide, tmp_path / f"b{batch_size}")
    (warning,) = caplog.messages
    assert warning == (
        "mnrl: batch_size is 7, but a batch holds one pair of each of 6 answers: the others of "
        f"{len(PAIRS)} pairs wait for another epoch. A batch_size of 3 or less uses more."
    )
