"""Trains a row on a task's questions, on judged sentences, or on both."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.objectives.rows import NEGATIVES, Row
from benchmarks.result import data_dir
from mundap.index.encoders.encoder import Encoder, Vectors, unit_rows
from mundap.index.encoders.registry import load_encoder
from mundap.index.faq.entry import FaqEntry, write_faq
from mundap.training.data.sources import Sources
from mundap.training.data.split import Split
from mundap.training.fit.rounds import Miner, train_in_rounds, with_negatives
from mundap.training.fit.stages import train_recipe
from mundap.training.fit.trainer import train
from mundap.training.mining.bm25_negatives import Bm25Scorer
from mundap.training.mining.config import MiningConfig
from mundap.training.mining.mining import mine
from mundap.training.mining.perturbed_negatives import perturb

_SENTENCES = {
    "sts": ("korsts_train",),
    "nli": ("kornli_xnli_dev", "kornli_xnli_test", "klue_nli_dev"),
}


@dataclass(frozen=True, slots=True)
class Cut:
    """The first columns of another encoder alone."""

    encoder: Encoder
    dimension: int
    fingerprint: str = "cut"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`."""
        return unit_rows(self.encoder.encode(texts)[:, : self.dimension])


def trained(row: Row, seed: int, questions: Sequence[FaqEntry], scratch: Path) -> Encoder:
    """Return the row's encoder; `questions` are the task's own, where it learns any.

    One run each, where `mundap train` averages three: rows differ in nothing but their names.
    """
    if row.recipe is None:
        return load_encoder(row.base)
    output = scratch / "encoder"
    if row.mined is not None:
        _train_mined(row, seed, questions, output)
        return load_encoder(output)
    faq = scratch / "faq.jsonl"
    write_faq(questions, faq)
    sources = {
        name: Sources(tuple(data_dir() / f"{stem}.parquet" for stem in stems))
        for name, stems in _SENTENCES.items()
    } | {"qa": Sources((faq,))}
    return load_encoder(train_recipe(row.recipe.changed(seed=seed, soup=1), sources, output))


def _train_mined(row: Row, seed: int, questions: Sequence[FaqEntry], output: Path) -> None:
    assert row.recipe is not None
    config = row.recipe.changed(seed=seed, soup=1).stages[0].config
    mining = MiningConfig(count=NEGATIVES, seed=seed)
    split = Split.of_faq(questions, config)
    if row.mined == "model":
        train_in_rounds(split, config, mining, 2, output)
    elif row.mined == "model, margin 5%":
        train_in_rounds(split, config, replace(mining, relative_margin=0.05), 2, output)
    else:
        train(with_negatives(split, _miner(row, mining))[0], config, output)


def _miner(row: Row, mining: MiningConfig) -> Miner:
    if row.mined == "bm25":
        return lambda pairs: mine(pairs, Bm25Scorer.build, mining)
    default = load_encoder("default")
    return lambda pairs: perturb(pairs, default, mining)
