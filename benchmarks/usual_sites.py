"""FAQs that nobody tuned for, with all that is asked of them, read once for many fits.

Of the FAQs in data/training_faqs, those that the shipped encoder has never seen are asked as they
are, with one phrasing an entry, and with one or three queries an entry as further phrasings; the
bundled FAQ is asked with 0, 1, 4 and 15. A static encoder is trained on those on which a first run
would train one beside the pretrained encoder; without that it is trained on the bundled one alone.
On a FAQ of one to four phrasings it is of no consequence for the weights (.355 and .356 come first
by either), and fitted with such the bundled one loses two points.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.trained import trained_encoder
from mundap.chatbot.home.bundled import bundled_path
from mundap.evaluation.fit.fusion import Candidates
from mundap.evaluation.fit.judged import Judged
from mundap.evaluation.queries import read_queries, read_texts
from mundap.index.encoders.encoder import DEFAULT_ENCODER, Encoder, PieceEncoder
from mundap.index.encoders.registry import load_encoder
from mundap.index.faq.entry import FaqEntry, read_faq
from mundap.index.faq.passages.teaching import untaught
from mundap.index.korean.text import match_key
from mundap.index.query.query_layer import Reading
from mundap.index.search.evidence import SHOWN
from mundap.index.search.fusion import Fusion
from mundap.index.search.ranking import EncodedQuery, Ranking
from mundap.index.search.retriever import CANDIDATES, Retriever
from mundap.index.tables.table import read_table
from mundap.training.config import TrainingConfig
from mundap.training.data.split import Split

FAQS = bundled_path("training_faqs")
# Phrasings added to each entry.
ADDED, BUNDLED_ADDED = (0, 1, 3), (0, 1, 4, 15)
_SEED = 0
# What is asked of a FAQ beside queries of one entry each.
_KINDS = ("out_of_scope", "ambiguous")


@dataclass(frozen=True, slots=True)
class Asked:
    """Queries of one kind, and the answers that are right for each."""

    kind: str
    texts: list[str]
    right: list[set[str]]


@dataclass(slots=True)
class Site:
    """A FAQ with its queries, read once: only weights differ between two rankings."""

    name: str
    retriever: Retriever
    asked: list[Asked]
    encoded: list[list[tuple[Reading, EncodedQuery]]]
    # What makes the static vectors where nothing is read.
    static: Encoder
    # Whether all are asked as if they were in another language.
    foreign: bool = False

    @classmethod
    def of(cls, name: str, retriever: Retriever, asked: list[Asked], static: Encoder) -> "Site":
        """Read and encode the queries."""
        return cls(name, retriever, asked, _encoded(retriever, asked), static)

    @property
    def far(self) -> float:
        """How far the FAQ is from one phrasing an entry, 0, to 16, 1."""
        return float(min(np.log2(self.retriever.passages.phrasings) / 4, 1.0))

    def rank(self, place: int, k: int) -> list[Ranking]:
        """Return the rankings of one kind of query with the weights of now."""
        readings, encoded = zip(*self.encoded[place], strict=True)
        return self.retriever.rank_encoded(readings, encoded, k, foreign=self.foreign)

    def weigh(self, fusion: Fusion) -> None:
        """Rank by these weights from now on."""
        if self.foreign:
            self.retriever.foreign_fusion = fusion
        else:
            self.retriever.fusion = fusion

    def candidates(self) -> Candidates:
        """Return what is ranked for covered queries; together they count as one FAQ."""
        [answers] = [one.right for one in self.asked if one.kind == "queries"]
        found = Candidates.of(self.rank(0, CANDIDATES), [next(iter(each)) for each in answers])
        return replace(found, weights=np.full(len(found), 1 / len(found)))

    def unread(self) -> None:
        """Rank by words and static vectors alone from now on."""
        self.retriever = Retriever.build(self.static, self.retriever.passages.entries)
        self.encoded = _encoded(self.retriever, self.asked)

    def judged(self) -> tuple[Judged, list[str]]:
        """Judge all queries; return their kinds too."""
        parts = [Judged.of(self.rank(i, SHOWN), one.right) for i, one in enumerate(self.asked)]
        kinds = [one.kind for one in self.asked for _ in one.texts]
        return sum(parts, Judged.none()), kinds


def sites(pretrained: PieceEncoder) -> Iterator[Site]:
    """Yield every FAQ that is fitted on, with and without further phrasings."""
    for name in names_of("fit"):
        for added in ADDED:
            yield faq_site(name, pretrained, added)
            print(name, added, file=sys.stderr)
    yield from _bundled(pretrained)


def unseen(pretrained: PieceEncoder) -> Iterator[Site]:
    """Yield FAQs from which nothing that ships has learned, and that nothing was fitted on."""
    for name in names_of("unseen"):
        yield faq_site(name, pretrained)
        print(name, file=sys.stderr)


def names_of(part: str) -> list[str]:
    """Return the names of the training FAQs of one part of their split."""
    split: dict[str, list[str]] = json.loads((FAQS / "split.json").read_text(encoding="utf-8"))
    return split[part]


def learned_from() -> list[tuple[str, str]]:
    """Return all that was asked of the FAQs that the shipped encoder learned from, with its kind.

    The kinds are "queries", "out_of_scope" and "ambiguous".
    """
    return [
        (kind, str(row["query"]))
        for name in names_of("learn")
        for kind in ("queries", *_KINDS)
        for row in _rows(FAQS, name, kind)
    ]


def faq_site(name: str, pretrained: PieceEncoder, added: int = 0) -> Site:
    """Return a training FAQ of which each entry has `added` of its queries as phrasings."""
    entries = read_faq(FAQS / f"{name}.csv")
    answers = {entry.entry_id: match_key(entry.answer) for entry in entries}
    kept, more = _with_phrasings(entries, FAQS / f"{name}_queries.csv", added)
    queries = Asked("queries", *_texts_and_answers(kept, answers))
    retriever = Retriever.build(_static(more), more, pretrained=pretrained)
    asked = [queries, *_asked(FAQS, name, answers)]
    return Site.of(f"{name}+{added}", retriever, asked, load_encoder(DEFAULT_ENCODER))


def in_other_languages(site: Site) -> dict[str, Site]:
    """Return a FAQ asked in each language that it was translated to; none of it is fitted on."""
    name, _, added = site.name.partition("+")
    rows = _rows(FAQS, name, "languages") if added == "0" else []
    answers = {e.entry_id: match_key(e.answer) for e in site.retriever.passages.entries}
    asked: dict[str, list[Asked]] = {}
    for row in rows:
        right = {answers[row["entry_id"]]} if row.get("entry_id") else set()
        kind = "queries" if right else "out_of_scope"
        asked.setdefault(str(row["language"]), []).append(Asked(kind, [str(row["query"])], [right]))
    return {
        language: Site.of(f"{site.name} {language}", site.retriever, each, site.static)
        for language, each in asked.items()
    }


def _bundled(pretrained: PieceEncoder) -> Iterator[Site]:
    queries = read_queries(bundled_path("development_queries.csv"))
    beside = read_texts(bundled_path("development_out_of_scope.csv"))
    entries = read_faq(bundled_path("faq"))
    answers = {entry.entry_id: match_key(entry.answer) for entry in entries}
    pairs = [(query.text, query.entry_id) for query in queries]
    asked = [
        Asked("queries", *_texts_and_answers(pairs, answers)),
        Asked("out_of_scope", beside, [set() for _ in beside]),
    ]
    for added in BUNDLED_ADDED:
        less = [replace(entry, alternates=entry.alternates[:added]) for entry in entries]
        retriever = Retriever.build(_static(less), less, pretrained=pretrained)
        static = _trained(less) if added else load_encoder(DEFAULT_ENCODER)
        yield Site.of(f"bundled+{added}", retriever, asked, static)
        print("bundled", added, file=sys.stderr)


def _static(entries: Sequence[FaqEntry]) -> Encoder:
    """Return the static encoder that a FAQ has after its first run, beside the pretrained one."""
    if untaught(entries, reads=True):
        return load_encoder(DEFAULT_ENCODER)
    return _trained(entries)


def _trained(entries: Sequence[FaqEntry]) -> Encoder:
    config = TrainingConfig(seed=_SEED)
    return load_encoder(trained_encoder(Split.of_faq(entries, config), config))


def _encoded(
    retriever: Retriever, asked: Sequence[Asked]
) -> list[list[tuple[Reading, EncodedQuery]]]:
    found = []
    for one in asked:
        readings = [retriever.query_layer.read(text) for text in one.texts]
        found.append(list(zip(readings, retriever.encode(readings), strict=True)))
    return found


def _with_phrasings(
    entries: Sequence[FaqEntry], queries: Path, added: int
) -> tuple[list[tuple[str, str]], list[FaqEntry]]:
    """Return the queries that are left, and the entries with `added` queries as phrasings."""
    taken: dict[str, list[str]] = {entry.entry_id: [] for entry in entries}
    kept = []
    for query in read_queries(queries):
        if len(taken[query.entry_id]) < added:
            taken[query.entry_id].append(query.text)
        else:
            kept.append((query.text, query.entry_id))
    return kept, [replace(entry, alternates=tuple(taken[entry.entry_id])) for entry in entries]


def _texts_and_answers(
    pairs: Sequence[tuple[str, str]], answers: dict[str, str]
) -> tuple[list[str], list[set[str]]]:
    return [text for text, _ in pairs], [{answers[entry_id]} for _, entry_id in pairs]


def _asked(folder: Path, name: str, answers: dict[str, str]) -> Iterator[Asked]:
    for kind in _KINDS:
        rows = _rows(folder, name, kind)
        if not rows:
            continue
        ids = [str(row.get("entry_ids", "")).split("|") for row in rows]
        right = [{answers[entry_id] for entry_id in each if entry_id} for each in ids]
        yield Asked(kind, [str(row["query"]) for row in rows], right)


def _rows(folder: Path, name: str, kind: str) -> list[dict[str, Any]]:
    """Return what of one kind is asked of a FAQ; not every FAQ has each."""
    file = folder / f"{name}_{kind}.csv"
    return list(read_table(file).rows) if file.exists() else []
