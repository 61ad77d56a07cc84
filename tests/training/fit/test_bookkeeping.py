"""What is kept of a run: event files and a card, neither of which changes the encoder."""

import dataclasses
import struct
from pathlib import Path

import pytest
from sentence_transformers import SentenceTransformer
from tensorboardX.proto.event_pb2 import Event

from mundap.index.encoders.encoder import directory_fingerprint
from mundap.index.encoders.registry import load_encoder
from mundap.training.data.split import Split
from mundap.training.fit.bookkeeping import Bookkeeping
from mundap.training.fit.task import Task
from mundap.training.fit.trainer import train_tasks
from mundap.training.objectives.mnrl import Mnrl
from tests.training.small_base import EASY, FAQ, PAIRS, configured, record

pytestmark = pytest.mark.slow

TASKS = {"mnrl": Task(Mnrl(), Split(PAIRS[9:], EASY, PAIRS[:9]))}


def scalars(file: Path) -> dict[str, list[tuple[int, float]]]:
    """Read an event file by its own description: length, its check, the event, its check."""
    content, at = file.read_bytes(), 0
    found: dict[str, list[tuple[int, float]]] = {}
    while at < len(content):
        (length,) = struct.unpack_from("<Q", content, at)
        event = Event.FromString(content[at + 12 : at + 12 + length])
        for value in event.summary.value:
            if value.HasField("simple_value"):
                found.setdefault(value.tag, []).append((event.step, value.simple_value))
        at += 16 + length
    return found


def test_event_files_hold_each_epochs_figures_and_change_nothing(
    base: Path, tmp_path: Path
) -> None:
    config = configured(base, epochs=2, refit=True)
    plain = train_tasks(TASKS, config, tmp_path / "plain")
    keep = Bookkeeping(log_dir=tmp_path / "logs")
    logged = train_tasks(TASKS, config, tmp_path / "logged", keep=keep)
    assert record(logged) == record(plain)
    (judged,) = (tmp_path / "logs" / "judged").iterdir()
    (whole,) = (tmp_path / "logs" / "whole").iterdir()
    history = record(logged)["history"]
    for tag, name in (("train/loss", "loss"), ("eval/mrr_10", "mrr@10")):
        wanted = [(7, history[1][name]), (14, history[2][name])]
        assert scalars(judged)[tag] == [(s, pytest.approx(v)) for s, v in wanted]
    refits = [row["refit_loss"] for row in history if "refit_loss" in row]
    losses = scalars(whole)["train/loss"]
    assert [value for _, value in losses] == pytest.approx(refits)


def test_nothing_is_logged_unless_asked_for(base: Path, tmp_path: Path) -> None:
    train_tasks(TASKS, configured(base, epochs=1), tmp_path / "encoder")
    assert [path.name for path in tmp_path.iterdir()] == ["encoder"]


@pytest.mark.parametrize("kind", ["base", "bert"])
def test_the_card_tells_what_made_the_encoder_and_shows_none_of_the_data(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    config = configured(request.getfixturevalue(kind), epochs=1, max_seq_length=32)
    keep = Bookkeeping(data_licence="CC BY-SA 4.0")
    path = train_tasks(TASKS, config, tmp_path / "encoder", keep=keep)
    card, found = (path / "README.md").read_text(encoding="utf-8"), record(path)
    for line in (
        f"| pairs | {found['pairs']} |",
        f"| SHA-256 of the pairs | {found['pairs_sha256']} |",
        "| licence | CC BY-SA 4.0 |",
        "| batch_size | 4 |",
        "| mnrl.scale | " + ("10.0 |" if kind == "base" else "20.0 |"),
        f"| torch | {found['versions']['torch']} |",
        f"The encoder is that of epoch {found['epoch']}.",
        f"| 0 | {found['history'][0]['hit@1']:.4f} |",
        f'SentenceTransformer("encoder"{", trust_remote_code=True" if kind == "base" else ""})',
    ):
        assert line in card
    texts = {text for pair in PAIRS for text in pair.texts} | {e.answer for e in FAQ}
    assert [text for text in texts if text in card] == []
    assert ("kiwipiepy_model" in card) == (kind == "base")
    assert str(tmp_path) not in card
    assert str(request.getfixturevalue(kind)) not in card


def test_a_licence_that_nobody_stated_is_not_made_up(base: Path, tmp_path: Path) -> None:
    path = train_tasks(TASKS, configured(base, epochs=1), tmp_path / "encoder")
    assert "| licence | not stated |" in (path / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["base", "bert"])
def test_an_encoder_loads_as_its_card_says_and_is_the_same_without_the_card(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    config = configured(request.getfixturevalue(kind), epochs=1, max_seq_length=32)
    path = train_tasks(TASKS, dataclasses.replace(config, seed=2), tmp_path / "encoder")
    ours = load_encoder(path).encode(["배송비는 얼마인가요?", "refund 기간"])
    theirs = SentenceTransformer(str(path), device="cpu", trust_remote_code=kind != "bert").encode(
        ["배송비는 얼마인가요?", "refund 기간"], normalize_embeddings=True
    )
    assert abs(ours - theirs).max() < 1e-5
    before = directory_fingerprint(path)
    (path / "README.md").unlink()
    assert directory_fingerprint(path) == before
