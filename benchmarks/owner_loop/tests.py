"""What `benchmarks.owner_loop` measures: the test queries, asked what serves and what might."""

from copy import copy
from dataclasses import replace
from typing import Any

from benchmarks.owner_loop.shop import Serving, Shop
from benchmarks.strangers import Asked, ask, intervals, reached
from mundap.chatbot.bot import Bot
from mundap.chatbot.home.bundled import bundled_path
from mundap.chatbot.settings import ChatSettings
from mundap.evaluation.fit.calibration import fit_confidence
from mundap.evaluation.fit.fusion import fit_fusion
from mundap.evaluation.queries import Query
from mundap.improve.candidate import train_encoder
from mundap.index.bundle.bundle import Bundle
from mundap.index.encoders.registry import load_encoder
from mundap.index.korean.text import match_key
from mundap.index.search.fusion import Fusion
from mundap.index.search.retriever import Retriever
from mundap.index.tables.table import read_table


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


def measured(settings: ChatSettings, bundle: Bundle, every: int) -> dict[str, Any]:
    """Ask the test queries and those that nothing answers; return shares with intervals.

    Of each kind every so manieth.
    """
    bot = Bot(Serving(bundle), settings)
    answers = {entry.entry_id: match_key(entry.answer) for entry in bundle.entries}
    asked = [
        ask(bot, row, answers, faq="bundled", kind=kind)
        for kind in ("queries", "out_of_scope")
        for row in read_table(bundled_path(f"{kind}.csv")).rows[::every]
    ]
    return intervals(asked, COLUMNS)


def as_usual(bundle: Bundle) -> Bundle:
    """Return a generation with the weights and the confidence of other FAQs."""
    retriever = copy(bundle.retriever)
    phrasings = len(retriever.passages) / len(retriever.passages.entries)
    retriever.fusion = Fusion.usual(phrasings, content=retriever.content is not None)
    return replace(bundle, retriever=retriever, confidence=retriever.usual_confidence())


def with_encoder(shop: Shop, every: int) -> dict[str, Any]:
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
    return {"fitted": len(queries), **measured(shop.settings, found, every)}
