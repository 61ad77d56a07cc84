import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from mundap.training.config import TrainingConfig
from mundap.training.data.split import Split
from mundap.training.fit import hardware
from mundap.training.fit.hardware import HardwareError, require_hardware
from mundap.training.fit.trainer import train
from tests.training.small_base import EASY, PAIRS, configured, record

SPLIT = Split(PAIRS, EASY, [])


@pytest.mark.parametrize(
    ("values", "gpu", "bf16", "embedded", "reason"),
    [
        ({"precision": "bf16"}, True, True, True, "precision is bf16; it is for transformer bases"),
        ({"compile": True}, False, False, True, "compile is on; it is for transformer bases"),
        ({"precision": "fp16"}, False, False, False, "precision is fp16, which needs a GPU"),
        ({"precision": "bf16"}, True, False, False, "bf16, which this GPU does not have"),
    ],
)
def test_what_cannot_be_done_here_is_refused_in_a_sentence(
    values: dict[str, Any],
    gpu: bool,
    bf16: bool,
    embedded: bool,
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: bf16)
    with pytest.raises(HardwareError, match=re.escape(reason)):
        require_hardware(TrainingConfig(**values), embedded=embedded)


@pytest.mark.parametrize(
    ("precision", "gpu"), [("full", False), ("bf16", False), ("bf16", True), ("fp16", True)]
)
def test_what_can_be_done_is_not_refused(
    precision: Any, gpu: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: True)
    require_hardware(TrainingConfig(precision=precision), embedded=False)


def test_a_launcher_and_the_run_agree_on_the_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", "bf16")
    reason = r"asked for bf16, and precision is full\. Give --precision bf16 .*--mixed_precision no"
    with pytest.raises(HardwareError, match=reason):
        require_hardware(TrainingConfig(), embedded=False)
    require_hardware(TrainingConfig(precision="bf16"), embedded=False)


def test_a_machine_without_a_compiler_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*args: Any) -> Any:
        raise RuntimeError("No working C++ compiler found\nsecond line")

    monkeypatch.setattr(hardware.torch, "compile", none)
    reason = r"torch cannot compile here \(No working C\+\+ compiler found\)\. Install a C\+\+ comp"
    with pytest.raises(HardwareError, match=reason):
        require_hardware(TrainingConfig(compile=True), embedded=False)


def test_bf16_trains_a_transformer_whose_weights_stay_whole(bert: Path, tmp_path: Path) -> None:
    config = configured(bert, epochs=2, learning_rate=0.01, max_seq_length=32)
    full = train(SPLIT, config, tmp_path / "full")
    half = configured(bert, epochs=2, learning_rate=0.01, max_seq_length=32, precision="bf16")
    bf16 = train(SPLIT, half, tmp_path / "bf16")
    losses = [[row["loss"] for row in record(path)["history"][1:]] for path in (full, bf16)]
    assert losses[0] != losses[1]
    assert losses[0] == pytest.approx(losses[1], rel=0.05)
    sizes = [(path / "model.safetensors").stat().st_size for path in (full, bf16)]
    assert sizes[0] == sizes[1]


def test_accumulated_batches_make_one_step(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import TrainerCallback

    steps: list[int] = []

    class Steps(TrainerCallback):
        def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            steps.append(state.global_step)

    from mundap.training.fit.task import Task
    from mundap.training.fit.trainer import train_tasks
    from mundap.training.objectives.mnrl import Mnrl

    for name, accumulate in (("one", 1), ("three", 3)):
        config = configured(base, epochs=2, accumulate=accumulate)
        train_tasks({"mnrl": Task(Mnrl(), SPLIT)}, config, tmp_path / name, watcher=Steps())
    batches = -(-len(PAIRS) // 4)
    assert steps == [2 * batches, 2 * -(-batches // 3)]


@pytest.mark.long
def test_a_compiled_transformer_learns_the_same(bert: Path, tmp_path: Path) -> None:
    # Compiled, dropout draws other numbers.
    base = tmp_path / "base"
    shutil.copytree(bert, base)
    described = json.loads((base / "config.json").read_text(encoding="utf-8"))
    described |= {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    (base / "config.json").write_text(json.dumps(described), encoding="utf-8")
    values = {"epochs": 2, "learning_rate": 0.01, "max_seq_length": 32}

    plain = train(SPLIT, configured(base, **values), tmp_path / "plain")
    compiled = train(SPLIT, configured(base, **values, compile=True), tmp_path / "compiled")

    losses = [[row["loss"] for row in record(path)["history"][1:]] for path in (plain, compiled)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
