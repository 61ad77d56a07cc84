"""What Prometheus reads from the API."""

import time
from collections.abc import Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from mundap.chatbot.live_bundle import LiveBundle
from mundap.chatbot.reply import Reply
from mundap.feedback.exchanges.exchanges import Exchanges

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# The route of everything that is the page's.
PAGE = "page"
_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_TENTHS = tuple(place / 10 for place in range(11))


class Metrics:
    """Counters of one API, in a registry of its own."""

    def __init__(self, live: LiveBundle, exchanges: Exchanges) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "mundap_requests", "Requests.", ["route", "method", "status"], registry=registry
        )
        self._seconds = Histogram(
            "mundap_request_seconds",
            "From the first byte of a request to the last of its response.",
            ["route"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._replies = Counter("mundap_replies", "Replies by kind.", ["kind"], registry=registry)
        self._confidence = Histogram(
            "mundap_reply_confidence",
            "Probability that the best hit of each reply is right.",
            buckets=_TENTHS,
            registry=registry,
        )
        generation = Gauge("mundap_generation", "Number of the generation.", registry=registry)
        generation.set_function(lambda: live.get().manifest.generation)
        age = Gauge("mundap_generation_age_seconds", "Since it was built.", registry=registry)
        age.set_function(
            lambda: time.time() - datetime.fromisoformat(live.get().manifest.created).timestamp()
        )

        up = Gauge("mundap_store_up", "Whether the store can be used: 1 or 0.", registry=registry)
        up.set_function(lambda: float(exchanges.is_recording))
        registry.register(_Records(exchanges))

    def count_request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one finished request."""
        self._requests.labels(route, method, status).inc()
        self._seconds.labels(route).observe(seconds)

    def count_reply(self, reply: Reply) -> None:
        """Count one reply of the bot."""
        self._replies.labels(reply.kind).inc()
        if reply.confidence is not None:
            self._confidence.observe(reply.confidence)

    def text(self) -> bytes:
        """Return everything in Prometheus's text format."""
        return generate_latest(self._registry)


class _Records(Collector):
    """How many exchanges and reactions went to the store, and how many did not."""

    def __init__(self, exchanges: Exchanges) -> None:
        self._exchanges = exchanges

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Yield both counters as they stand."""
        recorded, dropped = self._exchanges.recorded, self._exchanges.dropped
        about = "Exchanges and reactions that the store has taken."
        yield CounterMetricFamily("mundap_recorded", about, value=recorded)
        about = "Exchanges and reactions that were to be recorded and were not."
        yield CounterMetricFamily("mundap_dropped", about, value=dropped)
