"""From a cold start to a FAQ that knows its visitors: clicks of an owner against right answers.

A shop starts with the bundled FAQ without any phrasing. Each day visitors ask some of those that
were taken away (uniformly, again and again), and now and then what the FAQ does not answer. What is
not answered is listed for the owner, who clicks `CLICKS` times a day: a click accepts the proposed
entry where that is right, or names another, or says that none answers. Where the list is grouped by
meaning, as on the owner's page, a click settles a whole group, once a click has taken out each
query that is not of its entry. What was accepted is published every evening; every fifth day
`improve` learns from it, and promotes what it made or not, by its own test. After every day the
test queries are asked, which nobody clicks on or trains on.

    python -m benchmarks.owner_loop
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import numpy as np
from sqlalchemy import insert

from benchmarks.owner_loop_picture import write_picture
from benchmarks.result import RESULTS, write_result
from benchmarks.strangers import Asked, ask, first_day, intervals, reached
from mundap.chatbot.bot import Bot
from mundap.chatbot.home.bundled import bundled_far_queries, bundled_path
from mundap.chatbot.home.first_run import Home
from mundap.chatbot.settings import ChatSettings
from mundap.evaluation.fit.calibration import fit_confidence
from mundap.evaluation.fit.fusion import fit_fusion
from mundap.evaluation.queries import Query
from mundap.feedback.store.database import Database
from mundap.feedback.store.tables import exchanges
from mundap.feedback.unanswered.grouping import groups_of
from mundap.feedback.unanswered.meaning import meanings
from mundap.feedback.unanswered.unsettled import Unsettled as Asking
from mundap.feedback.verdicts.judgements import all_judgements, judge
from mundap.feedback.verdicts.query_parts import parts
from mundap.improve.bounds import Bounds
from mundap.improve.candidate import Given, Workshop, train_encoder
from mundap.improve.lessons import Lessons, decided, gather
from mundap.improve.run import improve
from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.proven_fit import proven_fit
from mundap.index.bundle.writer import BundleWriter
from mundap.index.encoders.encoder import PieceEncoder, ReadText, Vectors
from mundap.index.encoders.registry import load_encoder, load_pretrained
from mundap.index.encoders.shipped import SHIPPED
from mundap.index.faq.entry import FaqEntry, read_faq, write_faq
from mundap.index.korean.text import match_key
from mundap.index.search.fusion import Fusion
from mundap.index.search.retriever import Retriever
from mundap.index.tables.table import read_table

DAYS, VISITORS, CLICKS = 20, 60, 20
# Of visitors, so many ask what the FAQ does not answer.
BESIDE = 0.1
IMPROVED_EVERY = 5
# In which order the owner sees the list; after which days the test queries are asked.
ORDERS = {
    "informative": (0, 2, 5, 10, 15, 20),
    "oldest": (0, 5, 10, 15, 20),
    "grouped": (5, 10, 15, 20),
}
# Of the test queries every so manieth is asked.
EVERY = 2
# After these an encoder is trained besides, whatever `improve` would do.
TRAINED_AFTER = (20,)
SEED = 0


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
    order: str
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

    def open(self) -> Bundle:
        """Open what serves."""
        with BundleWriter.locked(self.home.index) as writer:
            return Bundle.open_generation(writer.generations.current(), None, self.reader)

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

    def click(self, count: int, serving: Bundle) -> None:
        """Settle what so many clicks can of the list, the first of its order first."""
        if self.order != "grouped":
            self._settle([*_ordered(self)][:count])
            return
        self.left += count
        for group in _grouped(self, serving):
            [(entry_id, _)] = Counter(one.entry_id for one in group).most_common(1)
            alike = [one for one in group if one.entry_id == entry_id]
            clicks = 1 + len(group) - len(alike)
            if clicks > self.left:
                break
            self.left -= clicks
            self._settle(alike)

    def _settle(self, done: Sequence[Unsettled]) -> None:
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


def _ordered(shop: Shop) -> Iterator[Unsettled]:
    """Yield what is listed: the oldest first, or what tells most.

    A query tells most where many of the list are proposed the same entry, of which few phrasings
    are known: those of such an entry take turns with those of others, the most asked first and then
    the least sure.
    """
    if shop.order == "oldest":
        yield from shop.listed.values()
        return
    groups: dict[str, list[Unsettled]] = {}
    for one in shop.listed.values():
        groups.setdefault(one.proposed[0] if one.proposed else "", []).append(one)
    taken = {name: len(shop.entries[name].alternates) if name else 0 for name in groups}
    for group in groups.values():
        group.sort(key=lambda one: (shop.asked[one.query], -one.confidence))
    while groups:
        name = max(groups, key=lambda name: (len(groups[name]) / (1 + taken[name]) ** 2, name))
        taken[name] += 1
        yield groups[name].pop()
        if not groups[name]:
            del groups[name]


def _grouped(shop: Shop, serving: Bundle) -> Iterator[list[Unsettled]]:
    """Yield what is listed in groups as the owner's page makes them, those asked most first."""
    now = datetime.now(UTC)
    asked = [Asking(query, query, shop.asked[query], now, now, {}) for query in sorted(shop.listed)]
    own = shop.reader.encode([one.query for one in asked])
    for group in groups_of(asked, meanings(serving.retriever, own)):
        yield [shop.listed[one.query] for one in group]


def main() -> None:
    """Play every order of the list; write figures and picture."""
    reader = Remembering(load_pretrained(SHIPPED))
    figures: dict[str, Any] = {}
    for order in ORDERS:
        with TemporaryDirectory() as folder:
            figures[order] = played(Path(folder), order, reader)
            print(json.dumps(figures[order], ensure_ascii=False), file=sys.stderr, flush=True)
    figures["full"] = _full()
    figures["aim"] = {order: _reached(figures[order], figures["full"]) for order in ORDERS}
    write_result("owner_loop", figures)
    write_picture(figures)


def _full() -> dict[str, Any]:
    """Return the figures of the FAQ with all its phrasings, as a file of its own; see `phrasings`.

    An encoder was trained on it; weights and confidence are those of other FAQs.
    """
    found = json.loads((RESULTS / "phrasings.json").read_text(encoding="utf-8"))
    whole = found["figures"]["phrasings"]["15"]
    return {name: whole[name] for name in ("right first", "answered right", "reached")}


def played(folder: Path, order: str, reader: Remembering) -> dict[str, Any]:
    """Play twenty days; return the figures after each."""
    whole = read_faq(bundled_path("faq"))
    faq = folder / "faq.csv"
    write_faq([replace(entry, alternates=()) for entry in whole], faq)
    settings = ChatSettings(faq=faq, home=folder / "home")
    first_day(settings)
    shop = Shop(settings, order, reader)
    days: list[dict[str, Any]] = [_day(shop, 0)]
    runs, trained = [], {}
    for day, queries in enumerate(_traffic(whole), start=1):
        serving = shop.open()
        shop.visit(serving, queries)
        shop.click(CLICKS, serving)
        shop.publish(serving)
        if day % IMPROVED_EVERY == 0:
            ended = improve(shop.workshop, shop.database, Bounds(), "owner")
            report = ended.report
            told = ("reason", "learned", "tests", "before", "after", "right", "wrong", "visitors")
            runs.append({"clicks": CLICKS * day, **{name: report.get(name) for name in told}})
        if day in ORDERS[order]:
            days.append(_day(shop, day))
            print(order, days[-1], file=sys.stderr, flush=True)
        if day in TRAINED_AFTER and order == "informative":
            trained[CLICKS * day] = _with_encoder(shop)
    shop.database.close()
    return {"days": days, "improve": runs, "trained": trained}


def _traffic(entries: Sequence[FaqEntry]) -> Iterator[list[tuple[str, str | None]]]:
    """Yield what visitors ask each day; the same for every order."""
    random = np.random.default_rng(SEED)
    tests = {match_key(row["query"]) for row in read_table(bundled_path("queries.csv")).rows}
    known = [
        [(text, entry.entry_id) for text in entry.alternates if match_key(text) not in tests]
        for entry in entries
    ]
    known = [texts for texts in known if texts]
    rows = read_table(bundled_path("development_out_of_scope.csv")).rows
    for _ in range(DAYS):
        day: list[tuple[str, str | None]] = []
        for _ in range(VISITORS):
            if random.random() < BESIDE:
                day.append((str(rows[random.integers(len(rows))]["query"]), None))
            else:
                texts = known[random.integers(len(known))]
                day.append(texts[random.integers(len(texts))])
        yield day


def _day(shop: Shop, day: int) -> dict[str, Any]:
    bundle = shop.open()
    serves = measured(shop.settings, bundle)
    is_usual = bundle.confidence.fit == bundle.retriever.usual_confidence().fit
    usual = serves if is_usual else measured(shop.settings, as_usual(bundle))
    seen = {name: shop.clicked[f"#{name}"] for name in ("first", "proposed", "named", "none")}
    return {"clicks": CLICKS * day, "seen": seen, "serves": serves, "phrasings alone": usual}


def as_usual(bundle: Bundle) -> Bundle:
    """Return a generation with the weights and the confidence of other FAQs."""
    retriever = copy(bundle.retriever)
    phrasings = len(retriever.passages) / len(retriever.passages.entries)
    retriever.fusion = Fusion.usual(phrasings, content=retriever.content is not None)
    return replace(bundle, retriever=retriever, confidence=retriever.usual_confidence())


def _with_encoder(shop: Shop) -> dict[str, Any]:
    """Return the figures where an encoder is trained on what was accepted, fitted on the rest."""
    lessons, bundle = shop.lessons(), shop.open()
    encoder = load_encoder(train_encoder(lessons, shop.workshop))
    made = Retriever.build(encoder, lessons.entries, pretrained=shop.reader)
    accepted = [one for one in lessons.accepted if one.fitted]
    queries = [Query(f"j{n}", one.query, one.entry_id) for n, one in enumerate(accepted)]
    made.fusion = fit_fusion(made, queries)
    confidence = fit_confidence(
        made, queries=queries, out_of_scope=lessons.uncovered, far=shop.workshop.given.far
    )
    found = replace(bundle, retriever=made, confidence=confidence)
    return {"fitted": len(queries), **measured(shop.settings, found)}


def _covered(one: Asked) -> bool:
    return one.kind == "queries"


def _shown_right(one: Asked) -> bool:
    return one.answered is None and bool(one.offered & one.right)


COLUMNS = (
    ("right first", _covered, lambda one: bool(set(one.ranked[:1]) & one.right)),
    ("answered right", _covered, lambda one: one.answered in one.right),
    ("suggested right", _covered, _shown_right),
    ("reached", _covered, reached),
    ("unknown", _covered, lambda one: one.answered is None and not one.offered),
    ("wrong", _covered, lambda one: one.answered is not None and one.answered not in one.right),
    ("out of scope answered", lambda one: not _covered(one), lambda one: one.answered is not None),
)


def measured(settings: ChatSettings, bundle: Bundle) -> dict[str, Any]:
    """Ask the test queries and those that nothing answers; return shares with intervals."""
    bot = Bot(Serving(bundle), settings)
    answers = {entry.entry_id: match_key(entry.answer) for entry in bundle.entries}
    asked = [
        ask(bot, row, answers, faq="bundled", kind=kind)
        for kind in ("queries", "out_of_scope")
        for row in read_table(bundled_path(f"{kind}.csv")).rows[::EVERY]
    ]
    return intervals(asked, COLUMNS)


def _reached(found: Mapping[str, Any], full: Mapping[str, Any]) -> dict[str, int | None]:
    """Return after how many clicks 90% of the whole FAQ's shares are reached; None for never."""
    return {
        name: next(
            (d["clicks"] for d in found["days"] if d["serves"][name][0] >= 0.9 * share[0]), None
        )
        for name, share in full.items()
    }


if __name__ == "__main__":
    main()
