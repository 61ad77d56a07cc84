import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import average_precision_score
from transformers import BertConfig, BertForSequenceClassification

from mundap.index.encoders.encoder import EncoderError
from mundap.index.faq.entry import FaqEntry, write_faq
from mundap.index.search.reranker import Reranker
from mundap.index.similarity.cross_encoder import CrossEncoder
from mundap.index.similarity.pair_encoder import load_pair_encoder
from mundap.index.tables.table_writer import write_table
from mundap.training.config import TrainingConfig
from mundap.training.cross_encoder.judges import PairJudge, RankingJudge
from mundap.training.cross_encoder.pairs import TargetPair
from mundap.training.cross_encoder.split import CrossSplit
from mundap.training.cross_encoder.trainer import train_cross_encoder
from mundap.training.data.pairs import PairError
from mundap.training.data.sources import Sources
from mundap.training.data.split import Split
from tests.index.small_cross_encoder import write_cross_encoder
from tests.training.small_base import write_small_base

pytestmark = pytest.mark.slow

FAQ = [
    FaqEntry("fee", "배송비는 얼마예요?", "3천 원이에요.", ("배송비 얼마", "배송 얼마예요")),
    FaqEntry("refund", "환불 되나요?", "돼요.", ("환불 돼?", "환불 나요")),
    FaqEntry("guest", "guest로 주문 되나요?", "네.", ("guest 주문 돼?", "guest로 주문")),
    FaqEntry("order", "주문 얼마예요", "만 원.", ("주문 얼마", "주문비는?")),
    FaqEntry("return", "배송 되나요", "아니요.", ("배송 돼?", "배송 나요?")),
]


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = write_cross_encoder(tmp_path_factory.mktemp("cross") / "base")
    # Weights as small as those of a real BERT, or it would hardly learn.
    torch.manual_seed(0)
    config = BertConfig.from_pretrained(directory, initializer_range=0.05)
    BertForSequenceClassification(config).save_pretrained(directory)
    return directory


def configured(base: Path, **changes: Any) -> TrainingConfig:
    chosen = {"batch_size": 8, "learning_rate": 3e-3, "epochs": 3, "max_seq_length": 48} | changes
    return TrainingConfig(base=str(base), **chosen)


def record(encoder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((encoder / "training.json").read_text(encoding="utf-8"))
    return loaded


def scored(path: Path, pairs: list[TargetPair]) -> Any:
    return CrossEncoder.open(path).closeness([(pair.one, pair.other) for pair in pairs])


def test_a_reranker_learns_which_questions_belong_together(bert: Path, tmp_path: Path) -> None:
    config = configured(bert, development=0.2, epochs=8, patience=8, learning_rate=1e-3)
    split = CrossSplit.of_questions(Split.of_faq(FAQ, config, "alternates"), config)
    path = train_cross_encoder(split, config, tmp_path / "encoder")

    found = record(path)
    assert [row["epoch"] for row in found["history"]] == [float(n) for n in range(9)]
    assert all(0 <= row["mrr@10"] <= 1 for row in found["history"])
    best = max(found["history"][1:], key=lambda row: row["mrr@10"])
    assert found["epoch"] == best["epoch"]
    assert set(found["first_stage"]) == {"hit@1", "hit@3", "hit@10", "mrr@10", "ndcg@10"}
    assert found["held_out"] == split.held_out > 0

    losses = [row["loss"] for row in found["history"][1:]]
    assert losses[-1] < losses[0]
    assert Reranker.load(path, deadline=60).fingerprint == found["fingerprint"]


def test_the_best_epoch_is_what_lies_on_disk(
    bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures, outputs = iter([0.9, 0.1, 0.8, 0.3]), []
    pairs = [TargetPair("환불 돼?", "환불 되나요", 1.0), TargetPair("환불 돼?", "배송비", 0.0)]

    def judged(self: PairJudge, model: Any, *args: Any, **kwargs: Any) -> dict[str, float]:
        outputs.append(np.asarray(model.predict([(p.one, p.other) for p in pairs])))
        return {"ap": next(figures)}

    monkeypatch.setattr(PairJudge, "__call__", judged)
    config = configured(bert, learning_rate=1e-2)
    path = train_cross_encoder(CrossSplit(pairs * 8, PairJudge(pairs), 2), config, tmp_path / "e")
    kept = scored(path, pairs)
    assert [float(np.abs(kept - seen).max()) < 1e-4 for seen in outputs] == [0, 0, 1, 0]
    assert record(path)["epoch"] == 2  # the untrained head of epoch 0 is never kept


def test_training_ends_when_it_stops_getting_better(
    bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = iter([0.1, 0.5, 0.4, 0.3, 0.9])
    monkeypatch.setattr(PairJudge, "__call__", lambda *a, **k: {"ap": next(figures)})
    pairs = [TargetPair("환불", "배송", 0.0), TargetPair("환불", "환불 돼?", 1.0)]
    config = configured(bert, epochs=9, patience=2)
    path = train_cross_encoder(CrossSplit(pairs * 4, PairJudge(pairs), 2), config, tmp_path / "e")
    assert [row["ap"] for row in record(path)["history"]] == [0.1, 0.5, 0.4, 0.3]


def told_by_the_second(high: float, low: float) -> list[tuple[str, str, float]]:
    """All pairs of questions; those are close whose second one speaks of 환불."""
    texts = [text for entry in FAQ for text in entry.passages]
    return [(one, other, high if "환불" in other else low) for one in texts for other in texts]


def test_peoples_scores_are_learned(bert: Path, tmp_path: Path) -> None:
    rows = told_by_the_second(4.5, 1.0)
    columns = ["sentence1", "sentence2", "score"]
    write_table(pd.DataFrame(rows, columns=columns), tmp_path / "scores.csv")
    config = configured(bert, development=0.2, epochs=4, learning_rate=3e-3)
    split = CrossSplit.read(Sources((tmp_path / "scores.csv",)), config)
    path = train_cross_encoder(split, config, tmp_path / "encoder")
    history = record(path)["history"]
    assert (len(split.pairs), split.held_out) == (180, 45)
    assert set(history[1]) == {"epoch", "loss", "pearson", "spearman"}
    assert max(row["pearson"] for row in history[1:]) > max(0.8, history[0]["pearson"])


def test_labels_are_learned_and_judged_by_average_precision(bert: Path, tmp_path: Path) -> None:
    rows = [(one, other, int(label)) for one, other, label in told_by_the_second(1, 0)]
    columns = ["sentence1", "sentence2", "label"]
    write_table(pd.DataFrame(rows, columns=columns), tmp_path / "pairs.parquet")
    config = configured(bert, development=0.2, epochs=4, learning_rate=3e-3)
    split = CrossSplit.read(Sources((tmp_path / "pairs.parquet",)), config)
    path = train_cross_encoder(split, config, tmp_path / "encoder")
    history = record(path)["history"]
    assert (len(split.pairs), split.held_out) == (180, 45)
    assert set(history[1]) == {"epoch", "loss", "ap", "f1", "accuracy"}
    assert max(row["ap"] for row in history[1:]) > max(0.9, history[0]["ap"])
    told = scored(path, split.pairs)
    assert average_precision_score([pair.target for pair in split.pairs], told) > 0.9


def test_the_same_seed_gives_the_same_weights_and_another_one_does_not(
    bert: Path, tmp_path: Path
) -> None:
    for name, seed in (("first", 7), ("again", 7), ("other", 8)):
        config = configured(bert, seed=seed, epochs=1, development=0.2)
        split = CrossSplit.of_questions(Split.of_faq(FAQ, config, "alternates"), config)
        train_cross_encoder(split, config, tmp_path / name)
    prints = [record(tmp_path / name)["fingerprint"] for name in ("first", "again", "other")]
    assert prints[0] == prints[1] != prints[2]


def test_a_faq_is_read_for_reranking(bert: Path, tmp_path: Path) -> None:
    write_faq(FAQ, tmp_path / "faq.csv")
    split = CrossSplit.read(Sources((tmp_path / "faq.csv",)), configured(bert, development=0.2))
    assert isinstance(split.judge, RankingJudge)
    answers = {entry.answer for entry in FAQ}
    assert not answers & {text for pair in split.pairs for text in (pair.one, pair.other)}


def test_a_trained_encoder_of_single_texts_can_be_the_start(bert: Path, tmp_path: Path) -> None:
    from mundap.index.encoders.sentence_encoder import load_sentence_transformer

    load_sentence_transformer(bert, pooling="mean").save(str(tmp_path / "bi"))
    pairs = [TargetPair("환불", "배송", 0.0), TargetPair("환불", "환불 돼?", 1.0)]
    config = configured(tmp_path / "bi", epochs=1)
    path = train_cross_encoder(CrossSplit(pairs * 4, None, 0), config, tmp_path / "cross")
    assert load_pair_encoder(path).has_cosines is False
    assert np.isfinite(scored(path, pairs)).all()


def test_without_anything_held_out_every_epoch_is_trained(bert: Path, tmp_path: Path) -> None:
    config = configured(bert, development=0.0)
    split = CrossSplit.of_questions(Split.of_faq(FAQ, config, "alternates"), config)
    path = train_cross_encoder(split, config, tmp_path / "encoder")
    assert [set(row) for row in record(path)["history"]] == [{"epoch", "loss"}] * 3
    assert record(path)["epoch"] == 3


def test_the_correlations_are_those_of_scipy(bert: Path) -> None:
    from sentence_transformers import CrossEncoder as Weights

    pairs = [TargetPair(entry.question, "환불 돼?", n / 4) for n, entry in enumerate(FAQ)]
    found = scored(bert, pairs)
    targets = [pair.target for pair in pairs]
    assert PairJudge(pairs)(Weights(str(bert))) == pytest.approx(
        {
            "pearson": pearsonr(found, targets).statistic,
            "spearman": spearmanr(found, targets).statistic,
        },
        abs=1e-4,
    )


@pytest.mark.parametrize("base", ["default", "embedded"])
def test_the_embedded_encoder_cannot_compare_two_texts(base: str, tmp_path: Path) -> None:
    (tmp_path / "embedded").mkdir()
    write_small_base(tmp_path / "embedded")
    name = str(tmp_path / base) if base == "embedded" else base
    pairs = [TargetPair("환불", "배송", 0.0), TargetPair("환불", "환불 돼?", 1.0)]
    with pytest.raises(EncoderError, match=r"cannot read two at once\. Name a transformer"):
        train_cross_encoder(
            CrossSplit(pairs, None, 0), TrainingConfig(base=name), tmp_path / "cross"
        )
    assert not (tmp_path / "cross").exists()


def test_what_cannot_be_trained_is_refused(bert: Path, tmp_path: Path) -> None:
    one = [TargetPair("환불", "환불 돼?", 1.0)]
    both = [*one, TargetPair("환불", "배송", 0.0)]
    (tmp_path / "empty").mkdir()
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "diary.txt").write_text("비", encoding="utf-8")
    with pytest.raises(PairError, match="1 pairs to train on, all with one target"):
        train_cross_encoder(CrossSplit(one, None, 0), configured(bert), tmp_path / "e")
    with pytest.raises(EncoderError, match="holds files that are no encoder"):
        train_cross_encoder(CrossSplit(both, None, 0), configured(bert), tmp_path / "letters")
    config = configured(tmp_path / "empty")
    with pytest.raises(EncoderError, match="empty: no transformer that a cross-encoder can start"):
        train_cross_encoder(CrossSplit(both, None, 0), config, tmp_path / "e")
    assert not (tmp_path / "e").exists()


def test_too_few_labels_to_hold_out_are_refused(bert: Path, tmp_path: Path) -> None:
    frame = pd.DataFrame(
        [("가", "나", 1), ("다", "라", 0), ("마", "바", 0)],
        columns=["sentence1", "sentence2", "label"],
    )
    write_table(frame, tmp_path / "pairs.csv")
    with pytest.raises(PairError, match="1 pairs of label 1 and 2 of label 0; wanted at least 2"):
        CrossSplit.read(Sources((tmp_path / "pairs.csv",)), configured(bert))


def test_a_faq_without_alternates_has_no_pairs_of_questions(bert: Path, tmp_path: Path) -> None:
    write_faq([dataclasses.replace(e, alternates=()) for e in FAQ], tmp_path / "faq.csv")
    with pytest.raises(PairError, match=r"faq\.csv: no question has alternates"):
        CrossSplit.read(Sources((tmp_path / "faq.csv",)), configured(bert))
