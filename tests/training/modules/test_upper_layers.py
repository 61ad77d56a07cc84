"""Upper layers trained over kept states are those trained under all layers."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import DistilBertConfig, DistilBertModel

from mundap.evaluation.sts import SentencePair
from mundap.index.encoders.registry import load_encoder
from mundap.training.data.sentence_pairs import NliPair, SentenceSplit
from mundap.training.data.split import Split
from mundap.training.fit.task import Task, Tasks
from mundap.training.fit.trainer import train_tasks
from mundap.training.modules import upper_layers
from mundap.training.modules.base import load_base
from mundap.training.modules.length_chunks import spared
from mundap.training.modules.upper_layers import (
    LowerStates,
    Top,
    TrainTopError,
    UpperLayers,
    freeze_below,
)
from mundap.training.objectives.contrastive_random import ContrastiveRandom
from mundap.training.objectives.mnrl import Mnrl
from mundap.training.objectives.nli import Nli
from mundap.training.objectives.sts import Sts
from tests.training.sentences import nli_rows, sts_rows
from tests.training.small_base import EASY, PAIRS, configured
from tests.training.small_bert import write_small_bert

QA = Split(PAIRS, EASY, [])
STS = [SentencePair(*row) for row in sts_rows()]
NLI = [NliPair(*row) for row in nli_rows()]
TASKS: dict[str, Tasks] = {
    "mnrl": {"mnrl": Task(Mnrl(negatives=2, symmetric=True), QA)},
    "cached": {"mnrl": Task(Mnrl(cached=True, mini_batch=3), QA)},
    "random": {"contrastive-random": Task(ContrastiveRandom(), Split(PAIRS, None, []))},
    "cosent": {"sts": Task(Sts(loss="cosent"), SentenceSplit(STS, {"easy": STS}, []))},
    "nli": {"nli": Task(Nli(), SentenceSplit(NLI, {"easy": NLI}, []))},
    "both": {
        "qa": Task(Mnrl(), QA),
        "sts": Task(Sts(), SentenceSplit(STS, {"easy": STS}, [])),
    },
}
TEXTS = [text for pair in PAIRS for text in pair.texts]


def weights(directory: Path) -> dict[str, torch.Tensor]:
    return load_file(directory / "model.safetensors")


@pytest.mark.slow
@pytest.mark.parametrize("name", [*TASKS])
def test_the_weights_are_those_of_training_without_what_is_kept(
    name: str, deep_bert: Path, tmp_path: Path
) -> None:
    ways: dict[str, Any] = {"plain": {"train_only": ("*layer.2.*",)}, "kept": {"train_top": 1}}
    plain, kept = (
        weights(
            train_tasks(
                TASKS[name],
                configured(deep_bert, learning_rate=0.01, epochs=1, **way),
                tmp_path / one,
            )
        )
        for one, way in ways.items()
    )
    before = weights(deep_bert)
    changed = {name for name in before if not torch.equal(before[name], kept[name])}
    assert changed
    assert all(".layer.2." in name for name in changed)
    for key, weight in plain.items():
        # No softmax sees a key's bias: its gradient is rounding, which Adam makes a step of.
        if not key.endswith("key.bias"):
            torch.testing.assert_close(kept[key], weight, rtol=1e-3, atol=2e-5)


def test_the_lower_layers_read_each_text_once(
    deep_bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[bytes] = []
    keep = LowerStates.keep

    def counted(self: LowerStates, pieces: bytes, states: torch.Tensor) -> None:
        read.append(pieces)
        keep(self, pieces, states)

    monkeypatch.setattr(LowerStates, "keep", counted)
    # Judged, then trained again on everything.
    split = Split(PAIRS[9:], EASY, PAIRS[:9])
    config = configured(deep_bert, train_top=2, learning_rate=0.01, refit=True)
    train_tasks({"mnrl": Task(Mnrl(), split)}, config, tmp_path / "encoder")
    assert len(read) == len(set(read)) == len(set(TEXTS) | {q.text for q in EASY.queries})


def test_dropout_is_for_the_layers_that_train(tmp_path: Path) -> None:
    bert = write_small_bert(tmp_path, TEXTS, layers=2, dropout=0.5)
    transformer = load_base(str(bert), pooling=None, max_seq_length=32)
    with torch.no_grad(), spared(transformer, Top(1, TEXTS, states := LowerStates())):
        transformer.train()
        one, other = (transformer(transformer.preprocess(TEXTS[:4])) for _ in range(2))
    assert not torch.equal(one["sentence_embedding"], other["sentence_embedding"])
    plain: Any = load_base(str(bert), pooling=None, max_seq_length=32)[0]
    plain.auto_model.encoder.layer = plain.auto_model.encoder.layer[:1]
    plain.eval()
    for text in TEXTS:
        features = plain.preprocess([text])
        with torch.no_grad():
            wanted = plain(features)["token_embeddings"][0]
        found = states[features["input_ids"][0].numpy().tobytes()]
        torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-5)


def test_without_room_for_the_states_the_vectors_are_the_same(
    deep_bert: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    transformer = load_base(str(deep_bert), pooling=None, max_seq_length=32).eval()
    wanted = transformer.encode(TEXTS)
    monkeypatch.setattr(upper_layers, "_MOST_BYTES", 16 * 4 * 40)
    with spared(transformer, Top(2, TEXTS, LowerStates())):
        found = transformer.encode(TEXTS)
    torch.testing.assert_close(torch.tensor(found), torch.tensor(wanted), rtol=1e-4, atol=1e-5)
    said = {record.getMessage() for record in caplog.records if record.levelname == "WARNING"}
    assert [message.startswith("The states of ") for message in said] == [True]


def test_an_electra_with_a_projection_is_cut_above_it(tmp_path: Path) -> None:
    from transformers import ElectraConfig, ElectraModel

    bert = write_small_bert(tmp_path, TEXTS)
    torch.manual_seed(0)
    config = ElectraConfig(
        vocab_size=len((bert / "vocab.txt").read_text(encoding="utf-8").split("\n")),
        embedding_size=8,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
    )
    ElectraModel(config).save_pretrained(bert)
    transformer = load_base(str(bert), pooling=None, max_seq_length=32).eval()
    wanted = transformer.encode(TEXTS)
    with spared(transformer, Top(1, TEXTS, LowerStates())):
        found = transformer.encode(TEXTS)
    torch.testing.assert_close(torch.tensor(found), torch.tensor(wanted), rtol=1e-4, atol=1e-5)


def test_a_trained_encoder_loads(deep_bert: Path, tmp_path: Path) -> None:
    config = configured(deep_bert, train_top=1, learning_rate=0.01)
    path = train_tasks(TASKS["cosent"], config, tmp_path / "encoder")
    assert load_encoder(path).encode(["환불"]).shape == (1, 16)


def test_more_layers_than_there_are_and_other_bases_are_refused(
    deep_bert: Path, base: Path, tmp_path: Path
) -> None:
    transformer = load_base(str(deep_bert), pooling=None, max_seq_length=32)
    with pytest.raises(TrainTopError, match=r"has 3 layers\. Give --train-top 1 to 2, or leave"):
        freeze_below(transformer, 3)
    embedded = load_base(str(base), pooling=None, max_seq_length=32)
    with pytest.raises(TrainTopError, match=r"this base is no transformer\. Leave --train-top"):
        freeze_below(embedded, 1)
    other = write_small_bert(tmp_path, TEXTS)
    sizes: Any = {"dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 32}
    DistilBertModel(DistilBertConfig(vocab_size=500, **sizes)).save_pretrained(other)
    distilled = load_base(str(other), pooling=None, max_seq_length=32)
    with pytest.raises(TrainTopError, match=r"this base is distilbert\. Leave --train-top out"):
        freeze_below(distilled, 1)


@pytest.mark.parametrize(
    ("changes", "met"),
    [
        (
            {"train_only": ("*layer.2.*",)},
            r"train_top is 1 and train_only \*layer\.2\.\*: both",
        ),
        ({"compile": True}, "train_top is 1 and compile is on, but a compiled model cannot be cut"),
        ({"train_top": 0}, "train_top is 0; wanted 1 to 1000"),
    ],
)
def test_values_that_do_not_go_together_are_refused(
    changes: dict[str, Any], met: str, deep_bert: Path
) -> None:
    with pytest.raises(ValueError, match=met):
        configured(deep_bert, **{"train_top": 1} | changes)


def test_what_is_read_ahead_is_what_is_read_alone(deep_bert: Path) -> None:
    transformer = load_base(str(deep_bert), pooling=None, max_seq_length=32)
    first: Any = transformer[0]
    seen: list[tuple[int, int]] = []
    states = LowerStates()
    layers = UpperLayers(transformer, Top(1, TEXTS, states))
    layers.read_ahead(TEXTS, first.preprocess, lambda *done: seen.append(done))
    assert seen[-1] == (len(set(TEXTS)), len(set(TEXTS)))
    assert all(
        first.preprocess([text])["input_ids"][0].numpy().tobytes() in states for text in TEXTS
    )
