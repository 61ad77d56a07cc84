"""What decides a training run whatever its objective, checked before any work starts."""

from dataclasses import dataclass
from typing import Annotated, Literal

from mundap.index.encoders.pooling import MAX_SEQ_LENGTH, Pooling

Precision = Literal["full", "bf16", "fp16"]
CleanUp = Literal["raw", "hangul-only"]


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """Values of a run; None means the value that suits the kind of base or the objective.

    Those with a text beside them are options of `mundap train`, and the text is their help.
    Raises ValueError naming the value that makes no sense.
    """

    base: Annotated[str, '"default", "mundap-small", "e5-small", a directory or a hub name.'] = (
        "default"
    )
    seed: Annotated[int, "Same seed and data, same encoder."] = 0
    # Larger batches hold more negatives; 128 texts of the embedded encoder take 1 ms.
    batch_size: Annotated[int | None, "Pairs in a batch, for each process."] = None
    # The embedded table moves far from its start; a transformer must not.
    learning_rate: Annotated[float | None, "Peak, after the warm-up."] = None
    # Words of the embedded encoder left out at random, so that no single one decides.
    word_dropout: float = 0.2
    # An upper bound: early stop usually ends before it.
    epochs: Annotated[int, "At most this many."] = 10
    # Epochs without a better development figure before training ends.
    patience: int = 3
    warmup: float = 0.1
    weight_decay: float = 0.0
    # Share held out to choose the epoch by; 0 trains on everything, blindly.
    development: Annotated[float, "Share held out to judge by."] = 0.1
    # The chosen number of epochs is trained again over everything: a FAQ has no answer to spare.
    refit: Annotated[bool | None, "Then train as many epochs on everything, held-out too."] = None
    # So many refits, each with a chance of its own, whose weights are averaged; None: 3 of the
    # embedded encoder, whose Hit@1 on held-back queries rises by a point, 1 of a transformer.
    soup: Annotated[int | None, "Refits to average; else 3 of the embedded encoder, or 1."] = None
    pooling: Annotated[Pooling | None, "For transformer bases."] = None
    max_seq_length: Annotated[int, "Tokens, for transformer bases."] = MAX_SEQ_LENGTH
    # hangul-only drops all but Hangul and spaces, ever after too; raw leaves the base as it is.
    clean_up: Annotated[CleanUp, "What the encoder sees of a text."] = "raw"
    # After each step every weight goes this share, times the learning rate, back to its start.
    l2_start: Annotated[float, "Pull of the weights back to their start."] = 0.0
    # The encoder lies so far from the start (0) to what was trained (1) (Wortsman et al. 2022).
    interpolate: Annotated[float, "Weights this far from the start (0) to the trained (1)."] = 1.0
    # Parts that train; empty: all. Patterns of parameter names such as "*layer.11.*"; of the
    # embedded encoder "morphemes" or "ngrams", or "map" alone: what all rows share.
    train_only: tuple[str, ...] = ()
    # The layers below are frozen and without dropout, so what they make of a text is kept: a step
    # costs what the upper ones cost.
    train_top: Annotated[int | None, "Train so many upper layers of a transformer alone."] = None
    # bf16, fp16: matrix products in 16 bits, weights and optimiser in 32; for transformers.
    precision: Annotated[Precision, "For transformer bases."] = "full"
    # Batches whose gradients add up to one step; negatives are those of one batch all the same.
    accumulate: Annotated[int, "Batches in a step."] = 1
    # torch.compile: some minutes once, for long runs of a transformer.
    compile: Annotated[bool, "torch.compile, for transformer bases."] = False

    def __post_init__(self) -> None:
        require_range("batch_size", self.batch_size, 2, 65_536)
        require_range("learning_rate", self.learning_rate, 1e-9, 1.0)
        require_range("word_dropout", self.word_dropout, 0.0, 0.9)
        require_range("epochs", self.epochs, 1, 10_000)
        require_range("patience", self.patience, 1, 10_000)
        require_range("warmup", self.warmup, 0.0, 1.0)
        require_range("weight_decay", self.weight_decay, 0.0, 1.0)
        require_range("development", self.development, 0.0, 0.5)
        require_range("max_seq_length", self.max_seq_length, 8, 8192)
        require_range("accumulate", self.accumulate, 1, 65_536)
        require_range("l2_start", self.l2_start, 0.0, 1e6)
        require_range("soup", self.soup, 1, 64)
        require_range("interpolate", self.interpolate, 0.0, 1.0)
        require_range("train_top", self.train_top, 1, 1_000)
        if self.train_top is not None and self.train_only:
            raise ValueError(
                f"train_top is {self.train_top} and train_only {', '.join(self.train_only)}: both "
                "say what trains. Leave one out."
            )
        if self.train_top is not None and self.compile:
            raise ValueError(
                f"train_top is {self.train_top} and compile is on, but a compiled model cannot be "
                "cut. Leave one out."
            )
        if self.train_only == ("map",) and self.interpolate != 1.0:
            raise ValueError(
                f"interpolate is {self.interpolate}; a map is folded into every row, trained or "
                "not, and cannot be. Leave it at 1."
            )


def require_range(name: str, value: float | None, low: float, high: float) -> None:
    """Raise ValueError, with the name and both bounds, unless a value lies between them."""
    if value is not None and not low <= value <= high:
        raise ValueError(f"{name} is {value}; wanted {low} to {high}.")
