from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import f1_score

from mundap.evaluation.sts import SentencePair, StsError, evaluate_sts, read_sts
from mundap.index.encoders.registry import load_encoder
from mundap.index.tables.table import TableError
from mundap.training.data.pairs import PairError
from mundap.training.data.sentence_pairs import SentenceSplit
from mundap.training.data.sources import Sources
from mundap.training.fit.trainer import train
from mundap.training.modules.base import load_base
from mundap.training.objectives.sts import Sts, StsEvaluator
from tests.training.sentences import sts_rows, write_nli, write_sts
from tests.training.small_base import configured, record

ROWS = [SentencePair(*row) for row in sts_rows()]
FIRST = [("가", "나", 5.0)]
# Judged by what it learns from: whatever starts at random gets better.
EASY = SentenceSplit(ROWS, {"easy": ROWS}, [])


@pytest.mark.parametrize("loss", ["cosine", "cosent"])
def test_the_cosines_come_to_agree_with_the_scores(loss: Any, base: Path, tmp_path: Path) -> None:
    config = configured(base, epochs=6)
    path = train(EASY, config, tmp_path / "encoder", Sts(loss=loss))
    history = record(path)["history"]
    assert history[-1]["loss"] < history[1]["loss"]
    assert max(row["pearson"] for row in history) > history[0]["pearson"] + 0.2
    best = max(row["pearson"] for row in history)
    assert evaluate_sts(load_encoder(path), ROWS).pearson == pytest.approx(best, abs=1e-5)


def test_a_transformer_learns_it_too(bert: Path, tmp_path: Path) -> None:
    config = configured(bert, epochs=6, learning_rate=1e-2, pooling="mean", max_seq_length=32)
    history = record(train(EASY, config, tmp_path / "encoder", Sts()))["history"]
    assert history[-1]["loss"] < history[1]["loss"]
    assert max(row["pearson"] for row in history) > history[0]["pearson"] + 0.2


def test_every_epoch_is_measured_by_all_four_figures(base: Path) -> None:
    transformer = load_base(str(base), pooling=None, max_seq_length=32)
    encoder = load_encoder(base)
    left = encoder.encode([pair.sentence1 for pair in ROWS])
    cosines = (left * encoder.encode([pair.sentence2 for pair in ROWS])).sum(axis=1)
    scores = np.array([pair.score for pair in ROWS])
    assert StsEvaluator({"all": ROWS})(transformer) == pytest.approx(
        {
            "pearson": pearsonr(cosines, scores).statistic,
            "spearman": spearmanr(cosines, scores).statistic,
            "f1": f1_score(scores >= 3.0, cosines >= 0.6),
            "mse": ((5 * cosines - scores) ** 2).mean(),
        },
        abs=1e-5,
    )


def test_several_data_sets_are_merged_and_reported_separately(base: Path) -> None:
    transformer = load_base(str(base), pooling=None, max_seq_length=32)
    sets = {"kor": ROWS[:20], "klue": ROWS[20:]}
    figures = StsEvaluator(sets)(transformer)
    wanted = StsEvaluator({"all": ROWS})(transformer)
    for name, pairs in sets.items():
        alone = StsEvaluator({name: pairs})(transformer)
        wanted |= {f"{name}/{figure}": value for figure, value in alone.items()}
    assert figures == pytest.approx(wanted, abs=1e-5)


def test_an_encoder_that_only_gets_worse_is_kept_as_it_started_and_the_log_shows_it(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = iter([0.9, 0.5, 0.7, 0.6])
    measure = {"spearman": 0.0, "f1": 0.0, "mse": 0.0}
    monkeypatch.setattr(
        StsEvaluator, "__call__", lambda *args, **kwargs: {"pearson": next(figures), **measure}
    )
    path = train(EASY, configured(base, epochs=3), tmp_path / "encoder", Sts())
    found = record(path)
    assert found["epoch"] == 0
    assert [row["pearson"] for row in found["history"]] == [0.9, 0.5, 0.7, 0.6]
    assert (path / "model.safetensors").read_bytes() == (base / "model.safetensors").read_bytes()
    shown = capsys.readouterr().err
    assert "epoch 0  development Pearson 0.9000  Spearman 0.0000" in shown
    assert "development Pearson 0.5000" in shown


def test_a_share_of_every_score_is_held_out(tmp_path: Path) -> None:
    rows = [(f"문장 {n}", f"글 {n}", float(n % 6)) for n in range(600)]
    path = write_sts(tmp_path / "sts.parquet", rows)
    split = Sts().read(Sources((path,)), configured(tmp_path, development=0.1))
    assert split.development == {"sts": split.held_out}
    assert sorted(pair.score for pair in split.held_out) == sorted(list(range(6)) * 10)
    assert {*split.pairs, *split.held_out} == set(read_sts(path))
    assert len(split.pairs) == 540
    other = Sts().read(Sources((path,)), configured(tmp_path, development=0.1, seed=1))
    assert other.held_out != split.held_out


@pytest.mark.parametrize(("rows", "held_out"), [(2, 0), (3, 0), (4, 2), (10, 2), (36, 4)])
def test_few_pairs_hold_out_two_or_none(rows: int, held_out: int, tmp_path: Path) -> None:
    path = write_sts(tmp_path / "sts.csv", sts_rows()[:rows])
    split = Sts().read(Sources((path,)), configured(tmp_path, development=0.1))
    assert (len(split.pairs), len(split.held_out)) == (rows - held_out, held_out)
    assert (split.development is None) == (held_out == 0)


def test_two_files_of_one_name_stay_two_data_sets(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    paths = tuple(write_sts(tmp_path / folder / "sts.csv") for folder in ("a", "b"))
    split = Sts().read(Sources(paths), configured(tmp_path))
    assert list(split.development or {}) == [str(path) for path in paths]


def test_too_few_pairs_to_train_on_are_refused(base: Path, tmp_path: Path) -> None:
    with pytest.raises(PairError, match="1 pairs to train on; wanted at least 2"):
        train(SentenceSplit(ROWS[:1], None, []), configured(base), tmp_path / "e", Sts())


def test_pairs_of_one_score_teach_nothing(base: Path, tmp_path: Path) -> None:
    split = SentenceSplit([SentencePair(one, other, 3.0) for one, other, _ in sts_rows()], None, [])
    with pytest.raises(PairError, match=r"36 pairs to train on, all with the score 3\.0; wanted"):
        train(split, configured(base), tmp_path / "e", Sts())


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (
            [("가", "나", 5.1), ("다", "라", 1.0)],
            "row 2: score .*5.1.*; wanted a number from 0 to 5",
        ),
        ([("가", "나", 5.0), ("다", "라", -1.0)], "row 3: score .*-1.0.*; wanted a number from 0"),
        ([("가", "나", 5.0)], "1 pairs; wanted at least 2"),
        ([("가", "나", 5.0), ("", "라", 1.0)], "row 3: sentence1 is ''; wanted a sentence"),
    ],
)
def test_bad_rows_are_named(
    rows: list[tuple[str, str, float]], reason: str, tmp_path: Path
) -> None:
    path = write_sts(tmp_path / "sts.csv", rows)
    with pytest.raises(StsError, match=reason):
        Sts().read(Sources((path,)), configured(tmp_path))


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = write_nli(tmp_path / "nli.csv")
    with pytest.raises(TableError, match="missing column 'sentence1', 'sentence2', 'score'; found"):
        Sts().read(Sources((path,)), configured(tmp_path))


def test_the_scale_of_cosent_suits_the_kind_of_base() -> None:
    assert Sts().settled(embedded=True) == Sts(scale=5.0)
    assert Sts().settled(embedded=False) == Sts(scale=20.0)
    assert Sts(scale=3.0).settled(embedded=True) == Sts(scale=3.0)
