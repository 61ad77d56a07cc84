"""What Prometheus reads from the API."""

import os
import time
from collections.abc import Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from mundap.chatbot.live_bundle import LiveBundle
from mundap.chatbot.reply import Reply
from mundap.feedback.exchanges.exchanges import Exchanges

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# The route of everything that is the page's.
PAGE = "page"
_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_TENTHS = tuple(place / 10 for place in range(11))


# The folder in which several processes keep their counts, where they do: set before this is
# imported, prometheus_client keeps them there.
FOLDER = "PROMETHEUS_MULTIPROC_DIR"


class Metrics:
    """Counters of one API, in a registry of its own; of several processes, theirs together."""

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
        self._of_all: CollectorRegistry | None = None
        if FOLDER in os.environ:
            self._of_all, self._registry = CollectorRegistry(), CollectorRegistry()
            MultiProcessCollector(self._of_all)  # type: ignore[no-untyped-call]
        self._registry.register(_Now(live, exchanges))
        if self._of_all is None:  # nobody knows how much the others have recorded
            self._registry.register(_Records(exchanges))

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
        of_all = b"" if self._of_all is None else generate_latest(self._of_all)
        return of_all + generate_latest(self._registry)


class _Now(Collector):
    """Which generation serves, and whether what is asked is kept."""

    def __init__(self, live: LiveBundle, exchanges: Exchanges) -> None:
        self._live, self._exchanges = live, exchanges

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield its number and its age."""
        manifest = self._live.get().manifest
        about = "Number of the generation."
        yield GaugeMetricFamily("mundap_generation", about, value=manifest.generation)
        age = time.time() - datetime.fromisoformat(manifest.created).timestamp()
        yield GaugeMetricFamily("mundap_generation_age_seconds", "Since it was built.", value=age)
        about = "Whether the store can be used: 1 or 0."
        up = float(self._exchanges.is_recording)
        yield GaugeMetricFamily("mundap_store_up", about, value=up)


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
