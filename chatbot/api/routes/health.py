"""Routes for those who run the service."""

import asyncio
import logging
import math
import time

from fastapi import APIRouter, Response

from mundap.chatbot.api.errors import ApiError
from mundap.chatbot.api.metrics import CONTENT_TYPE, Metrics
from mundap.chatbot.api.routes.schemas import Health, Ready
from mundap.chatbot.bot import Bot
from mundap.chatbot.live_bundle import LiveBundle
from mundap.index.engines.engine import EngineError

_LOG = logging.getLogger("mundap.api")
# Any word will do: that the encoder and the index answer is what counts.
_PROBE = "문답"
# Seconds between two of them. Whoever asks in between hears of the last: nobody can ask so often
# that others wait.
_PROBE_EVERY = 1.0


def health_router(live: LiveBundle, bot: Bot, metrics: Metrics) -> APIRouter:
    """Return the routes of health, readiness and metrics."""
    router = APIRouter(tags=["operations"])
    probe = _Probe(bot)

    @router.get("/healthz", summary="Whether the process is alive")
    async def healthz() -> Health:
        return Health()

    @router.get(
        "/readyz",
        summary="Whether encoder and bundle answer",
        description="The bundle's checksums were verified when it was opened.",
    )
    async def readyz() -> Ready:
        try:
            # An engine elsewhere may let it wait.
            await asyncio.to_thread(probe.look) if bot.waits else probe.look()
        except Exception as error:  # whatever it is: send no requests here
            _LOG.error("not ready: %s", error, exc_info=not isinstance(error, EngineError))
            again = {"Retry-After": str(math.ceil(_PROBE_EVERY))}
            raise ApiError(503, "not_ready", "The log has the reason.", again) from error
        return Ready(generation=live.get().manifest.generation)

    @router.get("/metrics", summary="Figures for Prometheus", response_class=Response)
    def metrics_text() -> Response:
        return Response(metrics.text(), media_type=CONTENT_TYPE)

    return router


class _Probe:
    """Searches for a word, at once and in no line."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._fresh_until = 0.0

    def look(self) -> None:
        """Search, unless that went well a moment ago; raises whatever is wrong."""
        if time.monotonic() > self._fresh_until:
            self._bot.search(_PROBE, 1)
            self._fresh_until = time.monotonic() + _PROBE_EVERY
