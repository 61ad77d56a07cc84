"""What a smaller encoder costs and gives: some layers of the one that ships, taught by it.

Each keeps every so many layers, the last among them. It learns as that one did, from the same FAQs
by the same losses, and to read each piece as that one reads it: of these batches, and of public
sentences. Asked are the FAQs held back, nothing fused, and KorSTS dev; timed are one query after
another and one question with its answer after another, in 8 bits as it would ship.

    MUNDAP_DATA_DIR=... python -m benchmarks.smaller_encoder [6 4] [--steps 600]
"""

import argparse
import csv
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity

from benchmarks.objectives.tasks import spearman
from benchmarks.result import data_dir, write_result
from mundap.chatbot.home.bundled import bundled_path
from mundap.index.encoders.encoder import PieceEncoder
from mundap.index.encoders.registry import load_encoder
from mundap.index.encoders.shipped import SHIPPED, SHIPPED_DIRECTORY
from mundap.index.progress import progress
from mundap.index.tables.table import read_table
from mundap.training.bases.shipped_weights import read_shipped
from mundap.training.pretrained.adaptation import adapt
from mundap.training.pretrained.export import export
from mundap.training.pretrained.plan import Plan
from mundap.training.pretrained.reading import Reading, autocast
from mundap.training.pretrained.vectors import Read, Vectors, ranking_loss, read
from mundap.training.pretrained.visitors import Sources
from mundap.training.pretrained.visits import Batch

LAYERS = (6, 4)
# Public sentences that are read with each batch; the files and columns that hold them, and how
# many of each are taken, as one file is ten times as long as another.
_SENTENCES = 32
_PUBLIC = {"nsmc_reviews": "text", "intention_3i4k": "text", "chatbot_data": "Q"}
_MOST = 60_000
# What unlike readings of the pieces count beside the loss that ranks.
_TAUGHT = 10.0
# Texts of each kind that are timed.
_TIMED = 200


class Taught(Vectors):
    """The aim of a smaller encoder: to rank, and to read as its teacher does."""

    def __init__(self, reading: Reading, teacher: Reading, sentences: Iterator[str]) -> None:
        super().__init__(reading)
        self._teacher = teacher
        self._sentences = sentences

    def loss(self, plan: Plan, batch: Batch) -> Tensor:
        """Return what a batch costs, with the next of the public sentences beside it."""
        self.reading.bert.encoder.train()
        sentences = list(islice(self._sentences, _SENTENCES))
        own = [*read(self.reading, batch), _read(self.reading, sentences)]
        with torch.no_grad():
            wanted = [*read(self._teacher, batch), _read(self._teacher, sentences)]
        unlike = sum(map(_unlike, own, wanted)) / len(own)
        return ranking_loss(plan, batch, own[0], own[1]) + _TAUGHT * unlike


def main() -> None:
    """Train and measure a smaller encoder for each number of layers, after the one that ships."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.smaller_encoder")
    parser.add_argument("layers", nargs="*", type=int, default=LAYERS, metavar="LAYERS")
    parser.add_argument("--steps", type=int, default=600)
    given = parser.parse_args()
    faqs = bundled_path("faq")
    sources = Sources.read(faqs.with_name("training_faqs"), faqs)
    shipped: PieceEncoder = load_encoder(SHIPPED)  # type: ignore[assignment]
    held_back = Vectors(Reading(*read_shipped(SHIPPED_DIRECTORY, 0.0))).figures(sources.held_back)
    found = {"as it ships": {**held_back, **_costs(shipped, sources, SHIPPED_DIRECTORY)}}
    for layers in given.layers:
        found[f"{layers} layers"] = _of_layers(layers, given.steps, sources)
        write_result("smaller_encoder", {"steps": given.steps, **found})


def _of_layers(layers: int, steps: int, sources: Sources) -> dict[str, float]:
    plan = replace(Plan(), steps=steps, every=steps)
    teacher = Reading(*read_shipped(SHIPPED_DIRECTORY, 0.0))
    bert, tokenizer = read_shipped(SHIPPED_DIRECTORY, plan.dropout)
    every = bert.encoder.layer
    step = len(every) // layers
    bert.encoder.layer = nn.ModuleList(every[place] for place in range(step - 1, len(every), step))
    bert.config.num_hidden_layers = layers
    aim = Taught(Reading(bert, tokenizer), teacher, _sentences(plan.seed))
    busy = time.process_time()
    with TemporaryDirectory() as scratch, progress(f"Training {layers} layers", "step") as advance:
        curve, made = Path(scratch) / "curve.csv", Path(scratch) / "encoder"
        adapt(plan, aim, sources, curve, advance)
        taken = round((time.process_time() - busy) / 60)
        with curve.open(encoding="utf-8") as file:
            *_, last = csv.DictReader(file)
        export(bert, tokenizer, made, {}, sources.bundled.passages[::6])
        learned = {name: float(value) for name, value in last.items() if name != "step"}
        encoder: Any = load_encoder(made)
        return {**learned, "cpu_minutes": taken, **_costs(encoder, sources, made)}


def _costs(encoder: PieceEncoder, sources: Sources, directory: Path) -> dict[str, float]:
    queries = [query.text for faq in sources.held_back for query in faq.queries]
    passages = [passage for faq in sources.held_back for passage in faq.passages]
    size = sum(file.stat().st_size for file in directory.iterdir())
    return {
        "korsts_dev": spearman(encoder),
        "query_ms": _milliseconds(lambda text: encoder.read_queries([text]), queries),
        "passage_ms": _milliseconds(lambda text: encoder.read_passages([text]), passages),
        "mb": round(size / 1e6, 1),
    }


def _milliseconds(read_one: Any, texts: Sequence[str]) -> float:
    """Return the median of processor time that one text takes."""
    taken = []
    for text in texts[:: len(texts) // _TIMED]:
        busy = time.process_time()
        read_one(text)
        taken.append(1000 * (time.process_time() - busy))
    return round(float(np.median(taken)), 2)


def _sentences(seed: int) -> Iterator[str]:
    """Yield public sentences without end, in a drawn order."""
    found = [
        str(row[column])
        for name, column in _PUBLIC.items()
        for row in read_table(data_dir() / f"{name}.parquet").rows[:_MOST]
    ]
    chance = np.random.default_rng(seed)
    while True:
        for place in chance.permutation(len(found)).tolist():
            yield found[place]


def _read(reading: Reading, sentences: Sequence[str]) -> Read:
    with autocast():
        return reading(sentences, "query")


def _unlike(own: Read, wanted: Read) -> Tensor:
    """Return one less the mean cosine of pieces, and of whole texts, with those of the teacher."""
    pieces = cosine_similarity(torch.cat(own[1]), torch.cat(wanted[1])).mean()
    return 2 - pieces - cosine_similarity(own[0], wanted[0]).mean()


if __name__ == "__main__":
    main()
