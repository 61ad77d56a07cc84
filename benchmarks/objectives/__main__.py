"""Every objective, every kind of negatives and every recipe on four tasks, vectors alone.

Each row is trained on three seeds, those of the pretrained encoder on one. One that learns
questions is trained for each collection on that collection's own: the bundled FAQ; half of the
ParaKQC intents, asked about the other half among the chatbot questions; half of the answers of the
chatbot data, asked about the other half, each question while it is left out. One that learns judged
sentences alone (KorSTS train; XNLI dev and test with KLUE-NLI dev) is trained once. KorSTS dev and
the ordinary FAQs ("strangers") are never trained on.

Each row and seed is written as it ends, and not measured again: stop the command and go on as
you like. After a change of the code remove `benchmarks/results/objectives.jsonl`. At the end
table and picture of docs/training.md are written, but with `--only`.

    MUNDAP_DATA_DIR=... python -m benchmarks.objectives [--base BASE] [--only ROW] [--no-training]
"""

import argparse
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.objectives.figures import Drawn, figures
from benchmarks.objectives.picture import write_picture
from benchmarks.objectives.records import Record, append, digest, read_records
from benchmarks.objectives.rows import (
    CUT,
    STRANGERS,
    Row,
    embedded_rows,
    pretrained_rows,
    transformer_rows,
)
from benchmarks.objectives.table import write_tables
from benchmarks.objectives.tasks import DRAW, Questions, spearman, strangers
from benchmarks.objectives.training import Cut, trained
from benchmarks.parakqc import SEEDS
from benchmarks.result import write_result
from mundap.index.encoders.encoder import Encoder
from mundap.index.korean import morphemes


def main() -> None:
    """Measure what is missing, then write figures, table and picture."""
    options = _parser().parse_args()
    rows = [*embedded_rows(), *pretrained_rows()]
    rows += transformer_rows(options.base) if options.base else []
    _remember_analyses()
    drawn = {seed: {name: draw(seed) for name, draw in DRAW.items()} for seed in SEEDS}
    keys = {(row.name, seed): digest(row, drawn[seed]) for row in rows for seed in row.seeds}
    for seed in () if options.no_training else SEEDS:
        for row in rows:
            if seed in row.seeds and options.only in (row.name, row.group, ""):
                _measure_missing(row, seed, drawn[seed], keys[row.name, seed])
    if not options.only:  # some rows are no comparison
        _publish(rows, drawn, set(keys.values()))


def _publish(rows: Sequence[Row], drawn: Drawn, keys: Collection[str]) -> None:
    records: dict[str, dict[int, Record]] = {}
    for record in read_records():
        if record.digest in keys:
            records.setdefault(record.name, {})[record.seed] = record
    found = figures(rows, records, drawn)
    write_result("objectives", found)
    write_tables(found)
    write_picture(found)


def _measure_missing(row: Row, seed: int, drawn: Mapping[str, Questions], key: str) -> None:
    done = {(record.name, record.seed, record.digest) for record in read_records()}
    if all((name, seed, key) in done for name in row.names):
        return
    begin = time.perf_counter()
    found = _measured(row, seed, drawn)
    seconds = round(time.perf_counter() - begin, 1)
    for name, (hits, correlations) in found.items():
        append(Record(name, seed, key, hits, correlations, seconds))
        means = {task: round(float(np.mean(of)), 4) for task, of in hits.items()}
        print(f"seed {seed}  {name:30} {means} {correlations} {seconds} s", file=sys.stderr)


def _measured(
    row: Row, seed: int, drawn: Mapping[str, Questions]
) -> dict[str, tuple[dict[str, np.ndarray], dict[str, float]]]:
    """Return hits and Spearman by collection, for each name of the row."""
    found: dict[str, tuple[dict[str, np.ndarray], dict[str, float]]]
    found = {name: ({}, {}) for name in row.names}
    encoder: Encoder | None = None
    for collection in row.collections:
        asked = strangers() if collection == STRANGERS else [drawn[collection]]
        if encoder is None or (row.learns_questions and collection != STRANGERS):
            with TemporaryDirectory() as scratch:
                encoder = trained(row, seed, asked[0].training, Path(scratch))
        of_names = [encoder, Cut(encoder, CUT)] if row.cut else [encoder]
        for name, one in zip(row.names, of_names, strict=True):
            hits, correlations = found[name]
            hits[collection] = np.array([hit for part in asked for hit in part.hits(one)])
            correlations[collection] = round(spearman(one), 4)
    return found


def _remember_analyses() -> None:
    """Analyse each text once for all encoders; a serving process keeps the last few alone."""
    morphemes._analyse = lru_cache(maxsize=None)(morphemes._analyse.__wrapped__)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", default="", help="a transformer to measure each pooling of")
    parser.add_argument("--only", default="", help="measure this row or group of rows")
    parser.add_argument("--no-training", action="store_true", help="write table and picture alone")
    return parser


if __name__ == "__main__":
    main()
