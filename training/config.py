"""What decides a training run, checked before any work starts."""

from dataclasses import dataclass

from index.sentence_encoder import MAX_SEQ_LENGTH, Pooling


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """Hyper-parameters of a run; None means the value that suits the kind of base.

    Raises ValueError naming the value that makes no sense.
    """

    base: str = "default"
    seed: int = 0
    # Larger batches hold more negatives; 128 texts of the embedded encoder take 1 ms.
    batch_size: int | None = None
    # The embedded table moves far from its start; a transformer must not.
    learning_rate: float | None = None
    # Temperature of the softmax over the batch. A static encoder over-fits a sharp one.
    scale: float | None = None
    # Words of the embedded encoder left out at random, so that no single one decides.
    word_dropout: float = 0.2
    # An upper bound: early stop usually ends before it.
    epochs: int = 10
    # Epochs without a better development figure before training ends.
    patience: int = 3
    warmup: float = 0.1
    weight_decay: float = 0.0
    # Share of answers held out to choose the epoch by; 0 trains on everything, blindly.
    development: float = 0.1
    # The chosen number of epochs is trained again over all pairs: a FAQ has none to spare.
    refit: bool = True
    pooling: Pooling | None = None
    max_seq_length: int = MAX_SEQ_LENGTH

    def __post_init__(self) -> None:
        bounds = {
            "batch_size": (self.batch_size, 2, 65_536),
            "learning_rate": (self.learning_rate, 1e-9, 1.0),
            "scale": (self.scale, 1e-3, 1e3),
            "word_dropout": (self.word_dropout, 0.0, 0.9),
            "epochs": (self.epochs, 1, 10_000),
            "patience": (self.patience, 1, 10_000),
            "warmup": (self.warmup, 0.0, 1.0),
            "weight_decay": (self.weight_decay, 0.0, 1.0),
            "development": (self.development, 0.0, 0.5),
            "max_seq_length": (self.max_seq_length, 8, 8192),
        }
        for name, (value, low, high) in bounds.items():
            if value is not None and not low <= value <= high:
                raise ValueError(f"{name} is {value}; wanted {low} to {high}.")
