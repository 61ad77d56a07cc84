"""What the encoders are asked: three collections of questions, and judged sentences."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np

from benchmarks.parakqc import distractors, draw_halves
from benchmarks.result import data_dir
from benchmarks.strangers import faqs_of, ids_of
from mundap.chatbot.home.bundled import bundled_path
from mundap.evaluation.queries import Query, read_queries
from mundap.evaluation.ranking import rank_all
from mundap.evaluation.run import Qrels, qrels_of, trec_order
from mundap.evaluation.sts import SentencePair, evaluate_sts, read_sts
from mundap.index.encoders.encoder import Encoder
from mundap.index.faq.entry import FaqEntry, read_faq
from mundap.index.korean.text import match_key
from mundap.index.search.dense import DenseRetriever
from mundap.index.tables.table import read_table

# The nearest entry, and the one after it where the nearest is the query itself.
_DEPTH = 2


@dataclass(frozen=True, slots=True)
class Questions:
    """What to train on, what to index, what to ask, and which entries are right."""

    training: list[FaqEntry]
    corpus: list[FaqEntry]
    queries: list[Query]
    qrels: Qrels
    # Of each query: those that share one succeed or fail together.
    clusters: list[str]

    def hits(self, encoder: Encoder) -> list[bool]:
        """Return for each query whether the nearest entry, itself left out, is right."""
        run = rank_all(DenseRetriever.build(encoder, self.corpus), self.queries, _DEPTH)
        found = []
        for query in self.queries:
            others = [e for e in trec_order(run[query.query_id]) if e != query.query_id]
            found.append(bool(others) and others[0] in self.qrels[query.query_id])
        return found


def bundled(seed: int) -> Questions:
    """Train on the bundled FAQ; ask its test queries."""
    entries, queries = read_faq(bundled_path("faq")), read_queries(bundled_path("queries.csv"))
    return _asking(entries, entries, queries)


def parakqc(seed: int) -> Questions:
    """Train on half of the intents; ask about the other half."""
    halves = draw_halves(data_dir(), seed)
    return _asking(halves.training, halves.corpus, halves.queries)


def chatbot(seed: int) -> Questions:
    """Train on half of the answers; ask every question that shares its answer of the other half.

    All questions are indexed but the one that is asked. A hit is any question with its answer.
    """
    entries = distractors(data_dir())
    by_answer: dict[str, list[FaqEntry]] = {}
    for entry in entries:
        by_answer.setdefault(match_key(entry.answer), []).append(entry)
    order = np.random.default_rng(seed).permutation(sorted(by_answer)).tolist()
    half = len(order) // 2
    training = [_merged(by_answer[answer]) for answer in order[:half]]
    asked = [by_answer[answer] for answer in order[half:] if len(by_answer[answer]) > 1]
    queries = [Query(e.entry_id, e.question, e.entry_id) for group in asked for e in group]
    qrels = {
        entry.entry_id: {other.entry_id: 1 for other in group if other is not entry}
        for group in asked
        for entry in group
    }
    clusters = [group[0].entry_id for group in asked for _ in group]
    return Questions(training, entries, queries, qrels, clusters)


# Name -> what a seed draws.
DRAW: Mapping[str, Callable[[int], Questions]] = MappingProxyType(
    {"bundled": bundled, "parakqc": parakqc, "chatbot": cache(chatbot)}
)


@cache
def strangers() -> list[Questions]:
    """Return the ordinary FAQs with their visitors' queries; nothing is trained on them."""
    found = []
    for file in faqs_of(data_dir() / "strangers"):
        rows = read_table(file.with_name(f"{file.stem}_queries.csv")).rows
        asked = [(str(row["query"]), ids_of(row)) for row in rows]
        queries = [Query(f"query {n}", query, ids[0]) for n, (query, ids) in enumerate(asked)]
        qrels = {f"query {n}": dict.fromkeys(ids, 1) for n, (_, ids) in enumerate(asked)}
        clusters = [f"{file.stem}/{query.entry_id}" for query in queries]
        found.append(Questions([], read_faq(file), queries, qrels, clusters))
    return found


@cache
def korsts_dev() -> list[SentencePair]:
    """Return the judged sentences, which no row trains on."""
    return read_sts(data_dir() / "korsts_dev.parquet")


def spearman(encoder: Encoder) -> float:
    """Return how well cosines follow people's scores on KorSTS dev."""
    return evaluate_sts(encoder, korsts_dev()).spearman


def _asking(training: list[FaqEntry], corpus: list[FaqEntry], queries: list[Query]) -> Questions:
    clusters = [query.entry_id for query in queries]
    return Questions(training, corpus, queries, qrels_of(queries), clusters)


def _merged(entries: list[FaqEntry]) -> FaqEntry:
    first, *others = entries
    return FaqEntry(
        first.entry_id, first.question, first.answer, tuple(other.question for other in others)
    )
