from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import pearsonr

from mundap.evaluation.sts import evaluate_sts
from mundap.index.encoders.registry import load_encoder
from mundap.training.fit.task import Task
from mundap.training.fit.trainer import train_tasks
from mundap.training.modules.base import load_base
from mundap.training.objectives.correlation import CorrelationLoss
from mundap.training.objectives.sts import Sts
from tests.training.objectives.test_sts import EASY, ROWS
from tests.training.small_base import configured, record


def loss_of(base: Path, scores: list[float]) -> torch.Tensor:
    transformer = load_base(str(base), pooling=None, max_seq_length=32)
    sides = zip(*((row.sentence1, row.sentence2) for row in ROWS), strict=True)
    batches = [transformer.preprocess(list(side)) for side in sides]
    found: torch.Tensor = CorrelationLoss(transformer)(batches, torch.tensor(scores))
    return found


def test_the_loss_is_one_minus_the_correlation_that_is_measured(base: Path) -> None:
    scores = [row.score for row in ROWS]

    loss = loss_of(base, scores).item()

    encoder = load_encoder(base)
    left, right = (
        encoder.encode([getattr(row, side) for row in ROWS]) for side in ("sentence1", "sentence2")
    )
    cosines = np.einsum("ij,ij->i", left, right)
    assert loss == pytest.approx(1 - pearsonr(cosines, scores).statistic, abs=1e-5)


def test_equal_scores_teach_nothing(base: Path) -> None:
    loss = loss_of(base, [3.0] * len(ROWS))

    loss.backward()  # type: ignore[no-untyped-call]

    assert loss.item() == 1.0


def test_the_cosines_come_to_correlate_with_the_scores(base: Path, tmp_path: Path) -> None:
    tasks = {"sts": Task(Sts(loss="correlation"), EASY)}
    path = train_tasks(tasks, configured(base, epochs=6), tmp_path / "e")

    history = record(path)["history"]

    assert max(row["pearson"] for row in history) > history[0]["pearson"] + 0.2
    best = max(row["pearson"] for row in history)
    assert evaluate_sts(load_encoder(path), ROWS).pearson == pytest.approx(best, abs=1e-5)
