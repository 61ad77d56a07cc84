"""One exchange, as the page or the API records it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from mundap.feedback.exchanges.exchange import Exchange, Reaction

ASKED = datetime(2026, 11, 26, 9, 0, 0, tzinfo=UTC)
RATED = datetime(2026, 11, 26, 9, 0, 7, tzinfo=UTC)
EXCHANGE = Exchange(
    request_id="5f0a",
    time=ASKED,
    channel="api",
    query="환불 언제 돼?",
    reading="환불 언제 되나요",
    category="환불",
    kind="answer",
    entry_id="refund-1",
    score=0.87,
    confidence=0.93,
    candidates=("refund-2", "delivery-1"),
    generation=3,
    milliseconds=1.25,
    conversation="9c1d",
    language="ko",
)
UP = Reaction("5f0a", RATED, "up")


def an_exchange(**changes: Any) -> Exchange:
    return replace(EXCHANGE, **changes)
