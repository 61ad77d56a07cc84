import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sentence_transformers import SentenceTransformer

from mundap.index.encoders.registry import load_encoder
from mundap.index.faq.entry import write_faq
from mundap.index.tables.table_writer import write_table
from mundap.training.data.pairs import Pair, pairs_from_faq
from mundap.training.data.sources import Sources
from mundap.training.data.split import Split
from mundap.training.fit.trainer import train
from mundap.training.modules.base import load_base
from mundap.training.objectives.known_positives import NOBODY
from mundap.training.objectives.mnrl import Mnrl
from tests.training.small_base import EASY, FAQ, PAIRS, configured, record

PLAIN = [Pair(entry.question, entry.alternates[0], entry.entry_id) for entry in FAQ]
HARD = [
    dataclasses.replace(pair, negatives=(FAQ[row - 1].question, FAQ[row - 2].answer))
    for row, pair in enumerate(PLAIN)
]
# The first negative of each is the question of the one before.
LABELS = [[row, (row - 1) % len(PLAIN), NOBODY] for row in range(len(PLAIN))]


def loaded(path: Path) -> SentenceTransformer:
    # Evaluation mode: without dropout both losses see the same vectors.
    return load_base(str(path), pooling=None, max_seq_length=32).eval()


def columns_of(transformer: SentenceTransformer, pairs: list[Pair]) -> list[dict[str, Any]]:
    rows = [pair.texts for pair in pairs]
    return [transformer.preprocess(list(texts)) for texts in zip(*rows, strict=True)]


def gradient(
    path: Path, objective: Mnrl, pairs: list[Pair], labels: list[list[int]] | None = None
) -> tuple[float, dict[str, Any]]:
    transformer = loaded(path)
    module = objective.loss(transformer, labelled=labels is not None)
    loss = module(columns_of(transformer, pairs), None if labels is None else torch.tensor(labels))
    loss.backward()
    return loss.item(), {
        name: weight.grad
        for name, weight in transformer.named_parameters()
        if weight.grad is not None
    }


@pytest.mark.parametrize(
    ("objective", "pairs", "labels", "mini_batch"),
    [
        (Mnrl(), PLAIN, None, 1),
        (Mnrl(), HARD, None, 4),
        (Mnrl(), HARD, LABELS, 4),
        (Mnrl(scale=5.0, symmetric=True), HARD, LABELS, 4),
        (Mnrl(dimensions=(16, 8)), PLAIN, None, 4),
        (Mnrl(dimensions=(16, 8)), HARD, LABELS, 3),
    ],
    ids=["plain", "negatives", "labelled", "symmetric", "matryoshka", "labelled matryoshka"],
)
def test_the_gradient_cache_gives_the_gradient_of_the_plain_loss(
    objective: Mnrl,
    pairs: list[Pair],
    labels: list[list[int]] | None,
    mini_batch: int,
    bert: Path,
) -> None:
    cached = dataclasses.replace(objective, cached=True, mini_batch=mini_batch)
    loss, wanted = gradient(bert, objective, pairs, labels)
    again, found = gradient(bert, cached, pairs, labels)
    assert again == pytest.approx(loss, rel=1e-5)
    assert found.keys() == wanted.keys()
    assert sum(float(grad.abs().sum()) for grad in wanted.values()) > 0.1
    for name, grad in wanted.items():
        torch.testing.assert_close(found[name], grad, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("symmetric", [False, True])
def test_the_loss_is_a_softmax_over_the_scaled_cosines_of_the_batch(
    symmetric: bool, base: Path
) -> None:
    encoder = load_encoder(base)
    anchors, positives, first, second = (
        encoder.encode(list(texts)).astype(np.float64)
        for texts in zip(*(pair.texts for pair in HARD), strict=True)
    )
    forward = 7.0 * anchors @ np.concatenate([positives, first, second]).T
    right = np.diag(forward)
    losses = np.log(np.exp(forward).sum(axis=1)) - right
    if symmetric:
        backward = np.log(np.exp(forward[:, : len(HARD)]).sum(axis=0)) - right
        losses = (losses + backward) / 2
    found, _ = gradient(base, Mnrl(scale=7.0, symmetric=symmetric), HARD)
    assert found == pytest.approx(losses.mean(), rel=1e-5)


@pytest.mark.parametrize("symmetric", [False, True])
def test_a_negative_that_is_right_for_another_anchor_is_none_of_its_negatives(
    symmetric: bool, base: Path
) -> None:
    encoder = load_encoder(base)
    anchors, positives, first, second = (
        encoder.encode(list(texts)).astype(np.float64)
        for texts in zip(*(pair.texts for pair in HARD), strict=True)
    )
    forward = 7.0 * anchors @ np.concatenate([positives, first, second]).T
    for row in range(len(HARD)):  # whose own question is the first negative of the next
        forward[row, len(HARD) + (row + 1) % len(HARD)] = -np.inf
    right = np.diag(forward)
    losses = np.log(np.exp(forward).sum(axis=1)) - right
    if symmetric:
        backward = np.log(np.exp(forward[:, : len(HARD)]).sum(axis=0)) - right
        losses = (losses + backward) / 2
    found, _ = gradient(base, Mnrl(scale=7.0, symmetric=symmetric), HARD, LABELS)
    assert found == pytest.approx(losses.mean(), rel=1e-5)


@pytest.mark.parametrize(
    "objective",
    [Mnrl(), Mnrl(symmetric=True), Mnrl(dimensions=(8, 4)), Mnrl(negatives=2), Mnrl(scale=3.0)],
    ids=["plain", "symmetric", "matryoshka", "negatives", "scale"],
)
def test_every_variant_learns(objective: Mnrl, base: Path, tmp_path: Path) -> None:
    config = configured(base, epochs=4)
    path = train(Split(PAIRS, EASY, []), config, tmp_path / "encoder", objective)
    history = record(path)["history"]
    assert history[-1]["loss"] < history[1]["loss"]
    assert max(row["mrr@10"] for row in history) > history[0]["mrr@10"] + 0.1


def test_the_cached_variant_trains_a_transformer(bert: Path, tmp_path: Path) -> None:
    config = configured(bert, epochs=4, learning_rate=1e-2)
    objective = Mnrl(cached=True, mini_batch=2)
    path = train(Split(PAIRS, EASY, []), config, tmp_path / "encoder", objective)
    history = record(path)["history"]
    assert history[-1]["loss"] < history[1]["loss"]


def test_matryoshka_makes_the_first_columns_do(base: Path, tmp_path: Path) -> None:
    def first_columns(path: Path) -> float:
        encoder = load_encoder(path)
        vectors = [encoder.encode([p.texts[side] for p in PLAIN])[:, :2] for side in (0, 1)]
        anchors, positives = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in vectors)
        return float((anchors * positives).sum(axis=1).mean())

    config = configured(base, epochs=8)
    paths = [
        train(Split(PLAIN, None, []), config, tmp_path / f"e{len(dimensions)}", objective)
        for dimensions in ((), (8, 2))
        for objective in [Mnrl(dimensions=dimensions)]
    ]
    assert first_columns(paths[1]) > first_columns(paths[0])


@pytest.mark.parametrize(
    ("wanted", "columns"),
    [
        (None, ["anchor", "positive"]),
        (0, ["anchor", "positive"]),
        (1, ["anchor", "positive", "negative_1", "label"]),
        (3, ["anchor", "positive", "negative_1", "negative_2", "negative_3", "label"]),
    ],
)
def test_pairs_with_fewer_negatives_are_filled_up_from_other_answers(
    wanted: int | None, columns: list[str], base: Path
) -> None:
    pairs = [HARD[0], dataclasses.replace(HARD[1], negatives=HARD[1].negatives[:1]), *PLAIN[2:]]
    objective = Mnrl(negatives=wanted)
    dataset = objective.lesson(loaded(base), Split(pairs, None, []), seed=0).dataset
    assert dataset.column_names == columns
    groups = {pair.positive: pair.group for pair in pairs}
    for row, pair in zip(dataset, pairs, strict=True):
        negatives = [row[name] for name in columns if name.startswith("negative_")]
        own = list(pair.negatives[: len(negatives)])
        assert negatives[: len(own)] == own
        assert pair.group not in {groups[text] for text in negatives[len(own) :]}


@pytest.mark.parametrize("kinds", ["both", "answers", "alternates"])
def test_a_faq_gives_the_kinds_of_pairs_that_are_asked_for(kinds: Any, tmp_path: Path) -> None:
    write_faq(FAQ, tmp_path / "faq.csv")
    config = configured(tmp_path, development=0.0)
    split = Mnrl(pairs=kinds).read(Sources((tmp_path / "faq.csv",)), config)
    answers = {entry.answer for entry in FAQ}
    assert split.pairs == [
        pair
        for pair in pairs_from_faq(FAQ)
        if kinds == "both" or (pair.positive in answers) == (kinds == "answers")
    ]
    assert split.pairs


def test_the_scale_suits_the_kind_of_base() -> None:
    assert Mnrl().settled(embedded=True) == Mnrl(scale=10.0)
    assert Mnrl().settled(embedded=False) == Mnrl(scale=20.0)
    assert Mnrl(scale=3.0).settled(embedded=True) == Mnrl(scale=3.0)


def test_the_embedded_encoder_needs_no_cache(base: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cached is for transformer bases; the embedded encoder"):
        train(Split(PAIRS, None, []), configured(base), tmp_path / "e", Mnrl(cached=True))
    assert not (tmp_path / "e").exists()


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"scale": -20.0}, "scale is -20.0; wanted 0.001 to 1000.0"),
        ({"negatives": 65}, "negatives is 65; wanted 0 to 64"),
        ({"mini_batch": 0}, "mini_batch is 0; wanted 1 to 65536"),
        ({"dimensions": (8, 0)}, "dimensions is 0; wanted 1 to 65536"),
    ],
)
def test_a_value_that_makes_no_sense_is_named(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{reason}\\.$"):
        Mnrl(**values)


def test_a_matryoshka_dimension_beyond_the_encoder_is_refused(base: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="dimensions has 512, but this encoder has 8 columns"):
        train(Split(PAIRS, None, []), configured(base), tmp_path / "e", Mnrl(dimensions=(512, 8)))


def test_a_file_with_a_group_column_is_read_as_pairs(tmp_path: Path) -> None:
    write_table(
        pd.DataFrame([dataclasses.asdict(pair) for pair in HARD]), tmp_path / "pairs.parquet"
    )
    config = configured(tmp_path, development=0.0)
    assert Mnrl().read(Sources((tmp_path / "pairs.parquet",)), config).pairs == HARD
