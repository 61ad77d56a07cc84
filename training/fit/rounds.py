"""Training in rounds: each trains an encoder whose mistakes are the next one's negatives."""

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from mundap.index.encoders.encoder import Encoder
from mundap.index.encoders.registry import load_encoder
from mundap.training.config import TrainingConfig
from mundap.training.data.pairs import Pair
from mundap.training.data.split import Split
from mundap.training.fit.trainer import train
from mundap.training.mining.config import MiningConfig
from mundap.training.mining.encoder_negatives import EncoderScorer
from mundap.training.mining.mined import Mined
from mundap.training.mining.mining import mine

Miner = Callable[[Sequence[Pair]], Mined]


def with_negatives(split: Split, miner: Miner) -> tuple[Split, Mined]:
    """Return the split with mined negatives, and what was mined for everything together.

    The pairs to train on get none of the held-out texts: what judges an encoder would
    otherwise teach it. Those held out may have all, as they train in the refit only.
    """
    whole = miner([*split.pairs, *split.held_out])
    if not split.held_out:
        return Split(whole.pairs, split.development, []), whole
    kept = miner(split.pairs)
    return Split(kept.pairs, split.development, whole.pairs[len(split.pairs) :]), whole


def train_in_rounds(
    split: Split, config: TrainingConfig, mining: MiningConfig, rounds: int, output: Path
) -> Mined:
    """Train, mine with the trained encoder, train from the base again, ...; `rounds` trainings.

    The first round has the pairs' own negatives. Returns what the last round was trained
    with; its encoder lies at `output`, those between are dropped.
    """
    if rounds < 2:
        raise ValueError(f"rounds is {rounds}; wanted at least 2: train, mine, train.")
    mined: Mined | None = None
    with TemporaryDirectory(prefix="mundap-rounds-") as scratch:
        for number in range(1, rounds):
            encoder = load_encoder(train(split, config, Path(scratch) / f"round-{number}"))
            split, mined = with_negatives(split, encoder_miner(encoder, mining))
        train(split, config, output)
    assert mined is not None
    return mined


def encoder_miner(encoder: Encoder, mining: MiningConfig) -> Miner:
    """Return what mines with an encoder."""
    return lambda pairs: mine(pairs, lambda texts: EncoderScorer.build(texts, encoder), mining)
