"""The development split: what training never sees and is judged by after every epoch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.evaluation import SentenceEvaluator

from mundap.evaluation.queries import Query
from mundap.evaluation.ranking import rank_all
from mundap.evaluation.retrieval import evaluate
from mundap.evaluation.run import qrels_of
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.passages import Passages
from mundap.index.korean.text import match_key
from mundap.index.search.dense import DenseRetriever
from mundap.training.data.pairs import Pair
from mundap.training.modules.base import TransformerEncoder

# Smoother than Hit@1 on the hundred queries that a small FAQ can spare.
PRIMARY = "mrr@10"


@dataclass(frozen=True, slots=True)
class Development:
    """Queries about held-out answers, and the corpus they are searched in."""

    corpus: tuple[FaqEntry, ...]
    queries: tuple[Query, ...]


def split_groups(groups: Sequence[str], share: float, *, seed: int) -> set[str]:
    """Draw the answer groups to hold out: `share` of them, at least one of three or more.

    Two stay to train on, as one is the negative of the other.
    """
    different = sorted(set(groups))
    count = min(len(different) - 2, max(1, round(share * len(different))))
    if share == 0 or count < 1:
        return set()
    chosen = np.random.default_rng(seed).choice(len(different), count, replace=False)
    return {different[index] for index in chosen}


def development_from_faq(entries: Sequence[FaqEntry], held_out: set[str]) -> Development:
    """Ask every second phrasing of a held-out entry; index the other ones and all entries.

    Entries without alternates ask their question, and only their answer is indexed.
    """
    corpus: list[FaqEntry] = []
    queries: list[tuple[str, str]] = []
    for entry in entries:
        if match_key(entry.answer) not in held_out:
            corpus.append(entry)
            continue
        texts = list(dict.fromkeys(entry.phrasings))
        asked = texts[1::2] or texts
        kept = texts[0::2] if len(texts) > 1 else [entry.answer]
        corpus.append(FaqEntry(entry.entry_id, kept[0], entry.answer, tuple(kept[1:])))
        queries.extend((text, entry.entry_id) for text in asked)
    return Development(tuple(corpus), _numbered(queries))


def development_from_pairs(pairs: Sequence[Pair], held_out: set[str]) -> Development:
    """Ask the anchors of held-out groups; index the positives of all groups."""
    positives: dict[str, list[str]] = {}
    for pair in pairs:
        positives.setdefault(pair.group, []).append(pair.positive)
    names = {group: f"g{number:06d}" for number, group in enumerate(positives)}
    corpus = [
        FaqEntry(names[group], texts[0], texts[0], tuple(dict.fromkeys(texts[1:])))
        for group, texts in positives.items()
    ]
    asked = {
        (pair.anchor, names[pair.group]): None
        for pair in pairs
        if pair.group in held_out and pair.anchor not in positives[pair.group]
    }
    return Development(tuple(corpus), _numbered(list(asked)))


class DevelopmentEvaluator(SentenceEvaluator):
    """Retrieval accuracy on a development split, in the form the library's trainer calls."""

    def __init__(self, development: Development) -> None:
        super().__init__()
        self.primary_metric = PRIMARY
        self._development = development

    def __call__(
        self, model: Any, output_path: str | None = None, epoch: float = -1, steps: int = -1
    ) -> dict[str, float]:
        """Return Hit@1, Hit@3, Hit@10, MRR@10 and nDCG@10 of the encoder as it is now."""
        return measure(model, self._development)


def measure(transformer: SentenceTransformer, development: Development) -> dict[str, float]:
    """Return measure -> mean over the development queries."""
    encoder, passages = TransformerEncoder(transformer), Passages.of(development.corpus)
    vectors = encoder.encode_passages(passages.texts)
    retriever = DenseRetriever.of_vectors(encoder, passages, vectors)
    run = rank_all(retriever, development.queries, depth=10)
    means = evaluate(run, qrels_of(development.queries)).means
    return {name: estimate.mean for name, estimate in means.items()}


def _numbered(queries: Sequence[tuple[str, str]]) -> tuple[Query, ...]:
    return tuple(
        Query(f"d{number:06d}", text, entry_id)
        for number, (text, entry_id) in enumerate(queries, start=1)
    )
