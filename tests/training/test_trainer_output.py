"""What a training run leaves on disk, whatever happens."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from index.encoder import EncoderError
from tests.training.small_base import FAQ, PAIRS, configured, record
from training import trainer
from training.config import TrainingConfig
from training.pairs import PairError
from training.split import Split
from training.trainer import train


@pytest.mark.parametrize("step", ["_fit", "draw_learning_curve", "directory_fingerprint"])
def test_an_encoder_that_was_there_survives_a_failure(
    step: str, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = configured(base, epochs=1)
    path = train(Split(PAIRS, None, []), config, tmp_path / "encoder")
    before = {file.name: file.read_bytes() for file in path.iterdir()}

    def fail(*args: Any, **kwargs: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(trainer, step, fail)
    with pytest.raises(OSError, match="No space left"):
        train(Split(PAIRS, None, []), dataclasses.replace(config, seed=1), path)
    assert {file.name: file.read_bytes() for file in path.iterdir()} == before
    assert [file.name for file in tmp_path.iterdir()] == ["encoder"]


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
