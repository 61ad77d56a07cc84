"""Unanswered questions in groups: how good the groups are, and what 20,000 questions take.

Quality: the queries of each FAQ of `data/training_faqs` that the shipped encoder has not learned
from, with those that it cannot answer, grouped and held against the entries they belong to (each
of the latter is a group of its own). Half of a FAQ's entries are left out of the index, as much of
what is unanswered has no entry yet. `python -m benchmarks.groups --quick` leaves the 20,000 out.
"""

import csv
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import v_measure_score
from sklearn.neighbors import kneighbors_graph
from sqlalchemy import insert

from benchmarks.result import write_result
from benchmarks.usual_sites import FAQS, names_of
from mundap.feedback.store.database import Database
from mundap.feedback.store.tables import exchanges
from mundap.feedback.unanswered.average_link import average_link
from mundap.feedback.unanswered.grouping import regroup
from mundap.feedback.unanswered.meaning import ALIKE, meanings, reader_of
from mundap.index.bundle.bundle import Bundle
from mundap.index.encoders.encoder import Vectors
from mundap.index.encoders.registry import encoder_directory, load_encoder, load_pretrained
from mundap.index.encoders.shipped import SHIPPED
from mundap.index.faq.entry import FaqEntry, read_faq
from mundap.index.korean.text import clean, match_key
from mundap.index.search.retriever import Retriever

_THRESHOLDS = (0.6, 0.65, 0.7, 0.72, 0.74, 0.75, 0.76, 0.78, 0.8, 0.85)
_QUESTIONS = 20_000
_NEIGHBOURS = 15
_SEED = 7


def main() -> None:
    """Measure and write `benchmarks/results/groups.json`."""
    figures: dict[str, Any] = {"threshold": ALIKE}
    for name, pretrained in (("full", True), ("fast", False)):
        figures[name] = _quality(pretrained)
    if "--quick" not in sys.argv:
        figures["20,000 questions"] = _large()
    write_result("groups", figures)


def _quality(pretrained: bool) -> dict[str, Any]:
    """Return B-cubed and V-measure for thresholds, and for other ways at the best of theirs."""
    faqs = [*_faqs(pretrained)]
    own = [(labels, vectors) for labels, vectors, _ in faqs]
    meant = [(labels, meaning) for labels, _, meaning in faqs]
    ours = {str(least): _mean(meant, least) for least in _THRESHOLDS}
    thresholds = np.arange(0.4, 0.9, 0.05).round(2).tolist()
    return {
        "by threshold": ours,
        "by the query's vector alone, at its best threshold": _best(own, thresholds),
        "scikit-learn over the nearest neighbours alone, at its best threshold": _best(
            meant, [*_THRESHOLDS], over_neighbours=True
        ),
        "each question alone": _mean(meant, 1.01),
    }


def _faqs(pretrained: bool) -> Iterator[tuple[NDArray[np.str_], Vectors, Vectors]]:
    """Yield of each FAQ the entries that queries belong to, their vectors and their meanings."""
    encoder = load_encoder("default")
    reader = load_pretrained(SHIPPED) if pretrained else None
    for name in names_of("fit"):
        chance = np.random.default_rng(_SEED)
        entries = read_faq(FAQS / f"{name}.csv")
        kept = [entry for entry in entries if chance.random() < 0.5]
        retriever = Retriever.build(encoder, kept, pretrained=reader)
        asked = _rows(f"{name}_queries.csv")
        labels = [row["entry_id"] for row in asked]
        beside = _rows(f"{name}_out_of_scope.csv")
        labels += [f"nothing {number}" for number in range(len(beside))]
        texts = [clean(row["query"]) for row in [*asked, *beside]]
        vectors = reader_of(retriever).encode(texts)
        yield np.array(labels), vectors, meanings(retriever, vectors).vectors


def _rows(name: str) -> list[dict[str, str]]:
    with (FAQS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _mean(
    faqs: Sequence[tuple[NDArray[np.str_], Vectors]], least: float, *, over_neighbours: bool = False
) -> dict[str, float]:
    rows = []
    for labels, vectors in faqs:
        found = (_over_neighbours if over_neighbours else average_link)(vectors, least)
        precision, recall = _b_cubed(labels, found)
        between = 2 * precision * recall / (precision + recall)
        rows.append((precision, recall, between, v_measure_score(labels, found)))
    names = ("b_cubed_precision", "b_cubed_recall", "b_cubed_f1", "v_measure")
    means = np.mean(rows, axis=0).round(3).tolist()
    return dict(zip(names, means, strict=True))


def _best(
    faqs: Sequence[tuple[NDArray[np.str_], Vectors]],
    thresholds: Sequence[float],
    *,
    over_neighbours: bool = False,
) -> dict[str, float]:
    found = [
        {"at": least, **_mean(faqs, least, over_neighbours=over_neighbours)} for least in thresholds
    ]
    return max(found, key=lambda one: one["b_cubed_f1"])


def _b_cubed(labels: NDArray[Any], found: NDArray[np.int64]) -> tuple[float, float]:
    same, together = labels[:, None] == labels, found[:, None] == found
    both = (same & together).sum(axis=1)
    return float((both / together.sum(1)).mean()), float((both / same.sum(1)).mean())


def _over_neighbours(vectors: Vectors, least: float) -> NDArray[np.int64]:
    graph = kneighbors_graph(vectors, min(_NEIGHBOURS, len(vectors) - 1), metric="cosine")
    clusters = AgglomerativeClustering(
        None,
        metric="cosine",
        linkage="average",
        connectivity=graph + graph.T,
        distance_threshold=1 - least,
    )
    return np.asarray(clusters.fit_predict(vectors))


def _large() -> dict[str, Any]:
    """Return what grouping 20,000 different questions takes, at first and the next time."""
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        bundle = _bundle(directory / "index")
        database = Database.of(None, directory)
        queries = _many()
        with database.writing() as connection:
            connection.execute(insert(exchanges), [_exchange(*each) for each in enumerate(queries)])
        first = _taken(database, bundle, directory)
        again = _taken(database, bundle, directory)
        vectors = (directory / "vectors.npz").stat().st_size
        database.close()
    return {
        "questions": len(queries),
        "entries": len(bundle.entries),
        "nothing known": first,
        "vectors known": again,
        "vectors on disk, MB": round(vectors / 1e6, 1),
        "largest memory with the build of the index, MiB": resource.getrusage(
            resource.RUSAGE_SELF
        ).ru_maxrss
        // 1024,
    }


def _taken(database: Database, bundle: Bundle, directory: Path) -> dict[str, float]:
    begun, busy = time.perf_counter(), time.process_time()
    groups = regroup(database, bundle, directory / "vectors.npz")
    return {
        "groups": groups,
        "seconds": round(time.perf_counter() - begun, 1),
        "processor seconds": round(time.process_time() - busy, 1),
    }


def _bundle(directory: Path) -> Bundle:
    """Index all training FAQs together."""
    entries = [
        FaqEntry(f"{path.stem}-{entry.entry_id}", entry.question, entry.answer)
        for path in sorted(FAQS.glob("*.csv"))
        if (FAQS / f"{path.stem}_queries.csv").exists()
        for entry in read_faq(path)
    ]
    Bundle.build(
        directory,
        entries,
        load_encoder("default"),
        encoder_directory=encoder_directory("default"),
        pretrained=load_pretrained(SHIPPED),
        pretrained_directory=encoder_directory(SHIPPED),
    )
    return Bundle.open(directory)


def _many() -> list[str]:
    """Return so many different questions: all there are, then with other endings."""
    names = sorted(
        path.name for kind in ("queries", "out_of_scope") for path in FAQS.glob(f"*_{kind}.csv")
    )
    written = [row["query"] for name in names for row in _rows(name)]
    found: dict[str, str] = {}
    for ending in ("", " 알려 주세요", " 궁금합니다"):
        for text in written:
            found.setdefault(match_key(text + ending), text + ending)
    return [*found.values()][:_QUESTIONS]


def _exchange(number: int, query: str) -> dict[str, Any]:
    return {
        "request_id": str(number),
        "time": datetime(2026, 1, 1, tzinfo=UTC),
        "channel": "page",
        "query": query,
        "reading": query,
        "kind": "unknown",
        "confidence": 0.1,
        "candidates": [],
        "generation": 1,
    }


if __name__ == "__main__":
    main()
