import dataclasses
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from mundap.evaluation.ranking import rank_all
from mundap.evaluation.retrieval import evaluate
from mundap.evaluation.run import qrels_of
from mundap.index.encoders.encoder import Vectors
from mundap.index.encoders.morpheme_config import WEIGHTS_FILE
from mundap.index.encoders.morpheme_encoder import MorphemeEncoder
from mundap.index.encoders.registry import load_encoder
from mundap.index.search.dense import DenseRetriever
from mundap.training.data.batches import GroupBatchSampler
from mundap.training.data.development import PRIMARY, Development, DevelopmentEvaluator
from mundap.training.data.pairs import Pair, PairError, data_digest
from mundap.training.data.split import Split
from mundap.training.fit import trainer
from mundap.training.fit.task import Tasks
from mundap.training.fit.trainer import train
from mundap.training.modules.base import TransformerEncoder
from mundap.training.objectives import mnrl
from tests.training.small_base import EASY, FAQ, PAIRS, configured, record

pytestmark = pytest.mark.slow


def weights(encoder: Path) -> bytes:
    return (encoder / WEIGHTS_FILE).read_bytes()


def table(encoder: Path) -> Any:
    (rows,) = load_file(encoder / WEIGHTS_FILE).values()
    return rows


def measured(encoder: Path, development: Development) -> float:
    """Measure a written encoder as an index would use it: read with numpy, searched."""
    retriever = DenseRetriever.build(load_encoder(encoder), development.corpus)
    run = rank_all(retriever, development.queries, depth=10)
    return evaluate(run, qrels_of(development.queries)).means[PRIMARY].mean


def test_the_same_seed_gives_the_same_bytes_and_another_one_does_not(
    base: Path, tmp_path: Path
) -> None:
    for name, seed in (("first", 7), ("again", 7), ("other", 8)):
        config = configured(base, seed=seed, epochs=3, refit=True)
        train(Split(PAIRS[9:], EASY, PAIRS[:9]), config, tmp_path / name)
    assert "refit_loss" in record(tmp_path / "first")["history"][1]
    assert weights(tmp_path / "first") == weights(tmp_path / "again")
    assert weights(tmp_path / "first") != weights(tmp_path / "other")
    assert record(tmp_path / "first") == record(tmp_path / "again")


def test_training_learns_and_leaves_words_that_it_never_saw(base: Path, tmp_path: Path) -> None:
    split = Split(PAIRS, EASY, [])
    path = train(split, configured(base, epochs=5), tmp_path / "encoder")
    history = record(path)["history"]
    assert history[-1][PRIMARY] > history[0][PRIMARY]
    assert history[-1]["loss"] < history[1]["loss"]
    changed = (table(path) != table(base)).any(axis=1)
    assert 0 < changed.sum() < 200


def test_the_record_tells_what_made_the_encoder(base: Path, tmp_path: Path) -> None:
    config = configured(base, seed=3, development=0.3)
    split = Split.of_faq(FAQ, config)
    path = train(split, config, tmp_path / "a" / "encoder")
    assert path == tmp_path / "a" / "encoder"
    found = record(path)
    assert found["config"] == json.loads(json.dumps(dataclasses.asdict(config)))
    assert found["tasks"]["mnrl"]["objective"] == "mnrl"
    assert found["tasks"]["mnrl"]["scale"] == 10.0
    assert (found["pairs"], found["pairs_held_out"]) == (len(split.pairs), len(split.held_out))
    assert found["pairs_sha256"] == data_digest([*split.pairs, *split.held_out])
    assert split.development is not None
    assert found["development_queries"] == len(split.development.queries)
    assert found["fingerprint"] == load_encoder(path).fingerprint
    assert found["versions"]["torch"] == version("torch")
    assert [row["epoch"] for row in found["history"]] == [0.0, 1.0, 2.0]
    assert all(0 <= row[PRIMARY] <= 1 for row in found["history"])
    assert ["loss" in row for row in found["history"]] == [False, True, True]
    assert (path / "learning_curve.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_the_encoder_on_disk_is_as_good_as_the_best_epoch(base: Path, tmp_path: Path) -> None:
    # Steps so large that figures go up and down.
    config = configured(base, learning_rate=1.0, epochs=5, patience=5)
    path = train(Split(PAIRS, EASY, []), config, tmp_path / "encoder")
    figures = [row[PRIMARY] for row in record(path)["history"]]
    assert len(set(figures)) > 2
    assert measured(path, EASY) == pytest.approx(max(figures))


def scripted(monkeypatch: pytest.MonkeyPatch, figures: list[float]) -> list[Vectors]:
    """Let the development split give these figures; return the vectors at each, to be filled."""
    vectors: list[Vectors] = []

    def measure(self: Any, transformer: Any, *args: Any, **kwargs: Any) -> dict[str, float]:
        vectors.append(TransformerEncoder(transformer).encode([pair.anchor for pair in PAIRS]))
        return {PRIMARY: figures[len(vectors) - 1]}

    monkeypatch.setattr(DevelopmentEvaluator, "__call__", measure)
    return vectors


@pytest.mark.parametrize("figures", [[1, 9, 2, 3], [1, 2, 9, 9], [1, 2, 3, 4]])
def test_the_earliest_of_the_best_epochs_is_kept(
    figures: list[float], base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors = scripted(monkeypatch, figures)
    path = train(Split(PAIRS, EASY, []), configured(base, epochs=3), tmp_path / "encoder")
    kept = load_encoder(path).encode([pair.anchor for pair in PAIRS])
    distances = [float(np.abs(kept - epoch).max()) for epoch in vectors]
    assert [distance < 1e-5 for distance in distances] == [
        epoch == figures.index(max(figures)) for epoch in range(4)
    ]


def test_the_start_is_kept_when_training_only_hurts(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for refit in (False, True):
        scripted(monkeypatch, [0.9, 0.5, 0.6, 0.8])
        config = configured(base, epochs=3, refit=refit)
        path = train(Split(PAIRS[9:], EASY, PAIRS[:9]), config, tmp_path / f"refit-{refit}")
        np.testing.assert_array_equal(table(path), table(base))
        assert [row[PRIMARY] for row in record(path)["history"]] == [0.9, 0.5, 0.6, 0.8]


def test_training_ends_when_it_stops_getting_better(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted(monkeypatch, [0.1, 0.2, 0.4, 0.3, 0.4, 0.9])
    config = configured(base, epochs=9, patience=2)
    path = train(Split(PAIRS, EASY, []), config, tmp_path / "encoder")
    assert [row[PRIMARY] for row in record(path)["history"]] == [0.1, 0.2, 0.4, 0.3, 0.4]


def test_a_refit_takes_the_best_number_of_epochs_over_all_pairs(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted(monkeypatch, [0.1, 0.3, 0.7, 0.5])
    fitted = []
    fit = trainer._fit

    def watched(transformer: Any, tasks: Tasks, *args: Any, **kwargs: Any) -> Any:
        history = fit(transformer, tasks, *args, **kwargs)
        split: Any = tasks["mnrl"].split
        fitted.append((len(split.pairs), split.development, [row["epoch"] for row in history]))
        return history

    monkeypatch.setattr(trainer, "_fit", watched)
    config = configured(base, epochs=3, refit=True)
    path = train(Split(PAIRS[9:], EASY, PAIRS[:9]), config, tmp_path / "encoder")
    assert fitted == [
        (len(PAIRS) - 9, EASY, [0.0, 1.0, 2.0, 3.0]),
        (len(PAIRS), None, [1.0, 2.0]),
    ]
    measured = {"epoch", "loss", PRIMARY}
    assert [set(row) - measured for row in record(path)["history"]] == [
        set(),
        {"refit_loss"},
        {"refit_loss"},
        set(),
    ]


def test_without_a_development_split_every_epoch_is_trained(base: Path, tmp_path: Path) -> None:
    config = configured(base, development=0.0, epochs=3, refit=True)
    path = train(Split.of_faq(FAQ, config), config, tmp_path / "encoder")
    found = record(path)
    assert (found["pairs"], found["development_queries"]) == (len(PAIRS), 0)
    assert [set(row) for row in found["history"]] == [{"epoch", "loss"}] * 3


def test_a_refit_trains_on_what_was_held_out(base: Path, tmp_path: Path) -> None:
    # The held-out entry is the only one with this word.
    config = configured(base, development=0.1, epochs=2)
    split = dataclasses.replace(Split.of_faq(FAQ, config), development=EASY)
    assert len({pair.group for pair in split.held_out}) == 1
    once = train(split, config, tmp_path / "once")
    again = train(split, dataclasses.replace(config, refit=True), tmp_path / "again")
    assert closeness(again, split.held_out) > closeness(once, split.held_out) + 0.1


def closeness(encoder: Path, pairs: list[Pair]) -> float:
    """Return the mean cosine of anchors and positives."""
    loaded = MorphemeEncoder.load(encoder)
    anchors = loaded.encode([pair.anchor for pair in pairs])
    positives = loaded.encode([pair.positive for pair in pairs])
    return float((anchors * positives).sum(axis=1).mean())


def test_a_hard_negative_is_pushed_away(base: Path, tmp_path: Path) -> None:
    plain = [Pair(entry.question, entry.alternates[0], entry.entry_id) for entry in FAQ]
    hard = [dataclasses.replace(pair, negatives=("비슷하지만 다른 물음",)) for pair in plain]
    config = configured(base, epochs=4)
    apart = [Pair(pair.anchor, pair.negatives[0], pair.group) for pair in hard]
    without = train(Split(plain, None, []), config, tmp_path / "without")
    with_them = train(Split(hard, None, []), config, tmp_path / "with")
    assert closeness(with_them, apart) < closeness(without, apart) - 0.1


def test_every_epoch_deals_other_batches_without_an_answer_twice(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dealt: dict[int, list[list[int]]] = {}

    class Watched(GroupBatchSampler):
        def __iter__(self) -> Any:
            dealt[self.epoch] = list(super().__iter__())
            return iter(dealt[self.epoch])

    monkeypatch.setattr(mnrl, "GroupBatchSampler", Watched)
    train(Split(PAIRS, None, []), configured(base, epochs=3), tmp_path / "encoder")
    assert sorted(dealt) == [0, 1, 2]
    assert dealt[0] != dealt[1] != dealt[2]
    for batch in (batch for batches in dealt.values() for batch in batches):
        assert len({PAIRS[row].group for row in batch}) == len(batch)


def test_texts_without_a_word_are_refused(base: Path, tmp_path: Path) -> None:
    pairs = [Pair("🙂" * count, "🎉" * count, str(count)) for count in range(1, 6)]
    with pytest.raises(PairError, match="No text to train on has a word that the embedded encoder"):
        train(Split(pairs, None, []), configured(base), tmp_path / "encoder")
    assert list(tmp_path.iterdir()) == []
