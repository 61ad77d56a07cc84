"""A shop of `benchmarks.owner_loop`: a home folder with its store, visited and published."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import numpy as np
from sqlalchemy import insert

from mundap.chatbot.bot import Bot
from mundap.chatbot.home.bundled import bundled_far_queries
from mundap.chatbot.home.home import Home
from mundap.chatbot.settings import ChatSettings
from mundap.feedback.store.database import Database
from mundap.feedback.store.tables import exchanges
from mundap.feedback.verdicts.judgements import all_judgements, judge
from mundap.feedback.verdicts.query_parts import parts
from mundap.improve.candidate import Given, Workshop
from mundap.improve.lessons import Lessons, decided, gather
from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.generations import Generations
from mundap.index.bundle.proven_fit import proven_fit
from mundap.index.bundle.writer import BundleWriter
from mundap.index.encoders.encoder import PieceEncoder, ReadText, Vectors
from mundap.index.faq.entry import read_faq
from mundap.index.search.retriever import Retriever


class Remembering:
    """The pretrained encoder, which reads a text once."""

    def __init__(self, encoder: PieceEncoder) -> None:
        self._encoder = encoder
        self.fingerprint, self.dimension = encoder.fingerprint, encoder.dimension
        self._queries: dict[str, ReadText] = {}
        self._passages: dict[str, ReadText] = {}

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `PieceEncoder`."""
        return np.stack([text.vector for text in self.read_queries(texts)])

    def encode_together(self, texts: Sequence[str]) -> Vectors:
        """See `PieceEncoder`."""
        return self.encode(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See `PieceEncoder`."""
        return np.stack([text.vector for text in self.read_passages(texts)])

    def read_passages(self, texts: Sequence[str]) -> list[ReadText]:
        """See `PieceEncoder`."""
        return _remembered(self._passages, texts, self._encoder.read_passages)

    def read_queries(self, texts: Sequence[str]) -> list[ReadText]:
        """See `PieceEncoder`."""
        return _remembered(self._queries, texts, self._encoder.read_queries)


def _remembered(known: dict[str, ReadText], texts: Sequence[str], read: Any) -> list[ReadText]:
    new = [text for text in dict.fromkeys(texts) if text not in known]
    known.update(zip(new, read(new), strict=True))
    return [known[text] for text in texts]


@dataclass(frozen=True, slots=True)
class Serving:
    """What a bot asks for the bundle that serves."""

    bundle: Bundle

    def get(self) -> Bundle:
        """See `LiveBundle`."""
        return self.bundle


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A query that was not answered: the true entry, if any, and what was proposed."""

    query: str
    entry_id: str | None
    proposed: tuple[str, ...]
    confidence: float


@dataclass
class Shop:
    """A home folder with its store, and what its owner has clicked."""

    settings: ChatSettings
    reader: Remembering
    listed: dict[str, Unsettled] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    clicked: Counter[str] = field(default_factory=Counter)
    # Clicks that the next group wanted more than there were.
    left: int = 0

    def __post_init__(self) -> None:
        self.home = Home.of(self.settings)
        self.database = Database.of(None, self.home.directory)
        self.entries = {entry.entry_id: entry for entry in read_faq(self.home.faq)}
        self.workshop = Workshop(
            self.home.index,
            self.home.encoder,
            self.home.directory / "improve",
            Given(far=bundled_far_queries()),
            pretrained=self.reader,
        )

    def open(self, number: int | None = None) -> Bundle:
        """Open what serves, or another generation."""
        generations = Generations(self.home.index)
        path = generations.current() if number is None else generations.path(number)
        return Bundle.open_generation(path, None, self.reader)

    def visit(self, bundle: Bundle, queries: Sequence[tuple[str, str | None]]) -> None:
        """Ask what visitors ask, and list what is not answered."""
        bot = Bot(Serving(bundle), self.settings)
        for query, entry_id in queries:
            self.asked[query] += 1
            explained = bot.explain(query)
            if explained.reply.kind != "answer" and query not in self.clicked:
                proposed = tuple(hit.entry_id for hit in explained.hits[:3])
                sure = explained.reply.confidence or 0.0
                self.listed[query] = Unsettled(query, entry_id, proposed, sure)
        with self.database.writing() as connection:
            connection.execute(insert(exchanges), [_exchange(query) for query, _ in queries])

    def settle(self, done: Sequence[Unsettled]) -> None:
        """Say of queries which entry answers them, which then has them as phrasings, or none."""
        with self.database.writing() as connection:
            for one in done:
                del self.listed[one.query]
                verdict = "uncovered" if one.entry_id is None else "right"
                judge(connection, "owner", one.query, verdict, one.entry_id)  # type: ignore[arg-type]
                self.clicked[one.query] += 1
                self.clicked[_sight(one)] += 1
                if one.entry_id is not None:
                    entry = self.entries[one.entry_id]
                    alternates = (*entry.alternates, one.query)
                    self.entries[one.entry_id] = replace(entry, alternates=alternates)

    def publish(self, before: Bundle) -> None:
        """Let the FAQ as it is now serve, with the weights and the confidence that serve."""
        encoder = before.retriever.encoder
        with BundleWriter.locked(self.home.index) as writer:
            kept = proven_fit(writer.generations, encoder, self.reader)
            manifest = writer.seal(
                [*self.entries.values()],
                encoder,
                encoder_directory=before.encoder_directory,
                pretrained=self.reader,
                fuse=kept.fuse if kept else lambda made: made.fusion,
                calibrate=kept.calibrate if kept else Retriever.usual_confidence,
            )
            writer.promote(manifest.generation, encoder, self.reader)
            writer.prune()

    def lessons(self) -> Lessons:
        """Return what `improve` would learn now."""
        with self.database.reading() as connection:
            judgements, known = all_judgements(connection), parts(connection)
        return gather(
            [*self.entries.values()], (), judgements, {**known, **decided(judgements, known)}
        )


def _exchange(query: str) -> dict[str, Any]:
    """Return a visit as the store keeps it, as far as `improve` looks."""
    empty = {"channel": "page", "reading": query, "kind": "unknown", "candidates": []}
    now = datetime.now(UTC)
    return {"request_id": uuid4().hex, "time": now, "query": query, "generation": 0, **empty}


def _sight(one: Unsettled) -> str:
    """Return how an owner finds the entry of a query: proposed first, proposed, named, or none."""
    if one.entry_id is None:
        return "#none"
    if one.entry_id not in one.proposed:
        return "#named"
    return "#first" if one.entry_id == one.proposed[0] else "#proposed"
