import json
from math import sqrt

import numpy as np
import pandas as pd
import pytest

from mundap.evaluation.sts import SentencePair, StsError, StsFigures, evaluate_sts, read_sts
from mundap.index.tables.table import TableError
from mundap.index.tables.table_writer import write_table


class Angles:
    """Encodes a number as the unit vector with that cosine to the vector of "1"."""

    fingerprint = "angles"
    dimension = 2

    def encode(self, texts):
        cosines = np.array([float(text) for text in texts])
        return np.stack([cosines, np.sqrt(1 - cosines**2)], axis=1).astype(np.float32)


def pairs(cosines, scores):
    return [SentencePair("1", str(c), s) for c, s in zip(cosines, scores, strict=True)]


def test_the_figures_by_hand():
    # Deviations from the means .5 and 2.5: (.5, .25, -.25, -.5), (2.5, -.5, .5, -2.5).
    covariance = 0.5 * 2.5 - 0.25 * 0.5 - 0.25 * 0.5 + 0.5 * 2.5
    spread = sqrt((0.25 + 0.0625) * 2) * sqrt((6.25 + 0.25) * 2)
    # Ranks (4, 3, 2, 1) and (4, 2, 3, 1): 1 - 6 * 2 / (4 * 15).
    # Predicted the same: the first two; people say so of the first and third.
    assert evaluate_sts(
        Angles(), pairs([1.0, 0.75, 0.25, 0.0], [5.0, 2.0, 3.0, 0.0])
    ) == StsFigures(
        pearson=pytest.approx(covariance / spread),
        spearman=pytest.approx(0.8),
        f1=pytest.approx(0.5),
        n=4,
    )


def test_three_of_five_counts_as_the_same_on_both_sides():
    report = evaluate_sts(Angles(), pairs([0.61, 0.59], [3.0, 2.99]))
    assert report.f1 == 1.0


def test_constant_predictions_correlate_with_nothing():
    report = evaluate_sts(Angles(), pairs([0.5, 0.5, 0.5], [0.0, 2.0, 5.0]))
    assert report == StsFigures(pearson=0.0, spearman=0.0, f1=0.0, n=3)


def test_predictions_that_differ_by_rounding_alone_are_constant():
    report = evaluate_sts(Angles(), pairs([0.9, 0.9 + 1e-7, 0.9 - 1e-7], [0.0, 2.0, 5.0]))
    assert (report.pearson, report.spearman) == (0.0, 0.0)


def test_constant_scores_correlate_with_nothing():
    report = evaluate_sts(Angles(), pairs([0.1, 0.9], [1.0, 1.0]))
    assert report == StsFigures(pearson=0.0, spearman=0.0, f1=0.0, n=2)


def test_the_report_is_one_json_object():
    report = evaluate_sts(Angles(), pairs([0.1, 0.9], [1.0, 4.0]))
    assert json.loads(json.dumps(report.to_dict())) == {
        "pearson": pytest.approx(1.0),
        "spearman": pytest.approx(1.0),
        "f1": 1.0,
        "n": 2,
    }


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl", ".xlsx"])
def test_pairs_read_alike_from_every_format(tmp_path, suffix):
    rows = {
        "sentence1": ["비가 온다.", "개가 짖는다"],
        "sentence2": ["눈이  온다.", "강아지가 짖는다"],
        "score": [1.5, 4],
        "genre": ["x", "y"],
    }
    write_table(pd.DataFrame(rows), tmp_path / f"sts{suffix}")
    assert read_sts(tmp_path / f"sts{suffix}") == [
        SentencePair("비가 온다.", "눈이 온다.", 1.5),
        SentencePair("개가 짖는다", "강아지가 짖는다", 4.0),
    ]


@pytest.mark.parametrize("score", ["5.01", "-0.1", "nan", "inf", "", "높음", "3,5"])
def test_a_score_outside_0_to_5_is_named_with_its_row(tmp_path, score):
    path = tmp_path / "sts.csv"
    path.write_text(f'sentence1,sentence2,score\n비,눈,5\n비,눈,"{score}"\n')
    with pytest.raises(StsError, match=rf"sts\.csv, row 3: score '{score}'; wanted a number from"):
        read_sts(path)


@pytest.mark.parametrize("score", [None, float("nan"), float("inf"), 5.5])
def test_a_score_missing_from_parquet_is_named_with_its_row(tmp_path, score):
    frame = pd.DataFrame({"sentence1": ["비"], "sentence2": ["눈"], "score": [score]})
    frame.to_parquet(tmp_path / "sts.parquet")
    with pytest.raises(StsError, match=r"row 2: score .*; wanted a number from 0 to 5"):
        read_sts(tmp_path / "sts.parquet")


@pytest.mark.parametrize("sentence", ["", " \u200b "])
def test_an_empty_sentence_is_named_with_its_row(tmp_path, sentence):
    path = tmp_path / "sts.csv"
    path.write_text(f"sentence1,sentence2,score\n비,{sentence},1\n", encoding="utf-8")
    with pytest.raises(StsError, match=r"row 2: sentence2 is .*; wanted a sentence"):
        read_sts(path)


def test_a_single_pair_is_refused(tmp_path):
    path = tmp_path / "sts.csv"
    path.write_text("sentence1,sentence2,score\n비,눈,1\n")
    with pytest.raises(StsError, match="1 pairs; wanted at least 2"):
        read_sts(path)


def test_a_missing_column_is_named(tmp_path):
    path = tmp_path / "sts.csv"
    path.write_text("sentence1,sentence2,label\n비,눈,1\n")
    with pytest.raises(TableError, match="missing column 'score'"):
        read_sts(path)
