from types import SimpleNamespace

import pytest
from transformers import TrainerControl, TrainerState

from mundap.training.fit.callbacks import ProgressBar


def begun(bar: ProgressBar, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the lines that a bar shows before the first step."""
    arguments = SimpleNamespace(world_size=1)
    bar.on_train_begin(arguments, TrainerState(max_steps=2), TrainerControl())  # type: ignore[arg-type]
    bar.on_train_end(arguments, TrainerState(max_steps=2), TrainerControl())  # type: ignore[arg-type]
    return capsys.readouterr().err.splitlines()


def test_the_first_figure_of_a_retrieval_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    lines = begun(ProgressBar({"hit@1": "Hit@1"}, {"hit@1": 0.33}), capsys)
    told = [line for line in lines if line.startswith("development: ")]
    assert len(told) == 1
    assert "answers held out of training" in told[0]
    assert any("`mundap eval report` measures what visitors meet" in line for line in lines)
    assert any("epoch 0  development Hit@1 0.3300" in line for line in lines)


@pytest.mark.parametrize(
    "bar", [ProgressBar({"pearson": "Pearson"}, {"pearson": 0.8}), ProgressBar({"hit@1": "Hit@1"})]
)
def test_other_figures_and_a_refit_need_no_word(
    bar: ProgressBar, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not [line for line in begun(bar, capsys) if "held out" in line]
