from typing import Any

import pytest

from mundap.training.config import TrainingConfig


def test_the_defaults_make_sense_and_leave_what_suits_the_base_open() -> None:
    config = TrainingConfig()
    assert (config.base, config.seed, config.max_seq_length) == ("default", 0, 128)
    assert (config.batch_size, config.learning_rate, config.refit, config.pooling) == (None,) * 4


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("batch_size", 1, "2 to 65536"),
        ("learning_rate", 0.0, "1e-09 to 1.0"),
        ("learning_rate", float("nan"), "1e-09 to 1.0"),
        ("l2_start", -1.0, "0.0 to 1000000.0"),
        ("interpolate", 1.1, "0.0 to 1.0"),
        ("word_dropout", 1.0, "0.0 to 0.9"),
        ("epochs", 0, "1 to 10000"),
        ("patience", 0, "1 to 10000"),
        ("warmup", 1.5, "0.0 to 1.0"),
        ("weight_decay", -0.1, "0.0 to 1.0"),
        ("development", 0.6, "0.0 to 0.5"),
        ("max_seq_length", 4, "8 to 8192"),
    ],
)
def test_a_value_that_makes_no_sense_is_named_with_its_bounds(
    name: str, value: Any, wanted: str
) -> None:
    with pytest.raises(ValueError, match=rf"^{name} is {value}; wanted {wanted}\.$"):
        TrainingConfig(**{name: value})


@pytest.mark.parametrize(
    ("name", "values"),
    [("batch_size", (2, 65_536)), ("development", (0.0, 0.5)), ("word_dropout", (0.0, 0.9))],
)
def test_the_bounds_themselves_are_allowed(name: str, values: tuple[Any, ...]) -> None:
    assert [getattr(TrainingConfig(**{name: value}), name) for value in values] == list(values)


def test_a_config_cannot_be_changed_afterwards() -> None:
    with pytest.raises(AttributeError, match="cannot assign"):
        TrainingConfig().seed = 1  # type: ignore[misc]
