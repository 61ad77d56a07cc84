"""Where a hyper-parameter search looks."""

from dataclasses import dataclass, replace

from optuna.trial import FixedTrial, Trial

from mundap.index.encoders.encoder import DEFAULT_ENCODER
from mundap.index.encoders.registry import kind_of, usual_learning_rate
from mundap.training.config import TrainingConfig, require_range

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class SearchSpace:
    """Values and ranges to choose from, both ends included; None suits the kind of base.

    Raises ValueError naming the value that makes no sense.
    """

    bases: tuple[str, ...] = (DEFAULT_ENCODER,)
    batch_sizes: tuple[int, ...] = (16, 32, 64)
    # Drawn on a logarithmic scale, as is the weight decay.
    learning_rate: Range | None = None
    weight_decay: Range = (1e-5, 1e-1)
    warmup: Range = (0.0, 0.3)
    # At most; a transformer forgets what it knew when it sees a small FAQ more often.
    epochs: int = 4

    def __post_init__(self) -> None:
        if not self.bases or not self.batch_sizes:
            raise ValueError("bases or batch_sizes are empty; wanted at least one of each.")
        for size in self.batch_sizes:
            require_range("batch_size", size, 2, 65_536)
        require_range("epochs", self.epochs, 1, 10_000)
        bounds = {"weight_decay": 1.0, "warmup": 1.0, "learning_rate": 1.0}
        for name, most in bounds.items():
            found = getattr(self, name)
            if found is not None and not 0 <= found[0] <= found[1] <= most:
                raise ValueError(
                    f"{name} is {found[0]} to {found[1]}; wanted a range within 0 to {most}."
                )
        for name in ("learning_rate", "weight_decay"):
            found = getattr(self, name)
            if found is not None and found[0] == 0:
                raise ValueError(f"{name} begins at 0, which a logarithmic scale never reaches.")

    def draw(self, trial: Trial | FixedTrial, config: TrainingConfig) -> TrainingConfig:
        """Return `config` with the values of a trial."""
        base = trial.suggest_categorical("base", self.bases)
        # Rates of the kinds lie up to a hundredfold apart: a parameter for each.
        name, rates = _rates(base)
        low, high = self.learning_rate or rates
        return replace(
            config,
            base=base,
            batch_size=trial.suggest_categorical("batch_size", self.batch_sizes),
            learning_rate=trial.suggest_float(name, low, high, log=True),
            weight_decay=trial.suggest_float("weight_decay", *self.weight_decay, log=True),
            warmup=trial.suggest_float("warmup", *self.warmup),
            epochs=trial.suggest_int("epochs", 1, self.epochs),
            # What is measured is the trial; the winner is trained again by `mundap train`.
            refit=False,
        )


def _rates(base: str) -> tuple[str, Range]:
    """Return what the learning rate of a base is called in a study, and where it is looked for.

    That is a decade around the usual one of its kind.
    """
    usual = usual_learning_rate(base)
    name = "learning_rate_embedded" if kind_of(base).is_embedded else "learning_rate"
    return name, (3 * usual / 10, 3 * usual)
