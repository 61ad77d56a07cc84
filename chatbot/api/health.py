"""Routes for those who run the service."""

import logging

from fastapi import APIRouter, Response

from mundap.chatbot.api.errors import ApiError
from mundap.chatbot.api.metrics import CONTENT_TYPE, Metrics
from mundap.chatbot.api.pool import Pool
from mundap.chatbot.api.schemas import Health, Ready
from mundap.chatbot.bot import Bot
from mundap.chatbot.live_bundle import LiveBundle

_LOG = logging.getLogger("mundap.api")
# Any word will do: that the encoder and the index answer is what counts.
_PROBE = "문답"


def health_router(live: LiveBundle, bot: Bot, metrics: Metrics, pool: Pool) -> APIRouter:
    """Return the routes of health, readiness and metrics."""
    router = APIRouter(tags=["operations"])

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
            await pool.run_quick(bot.search, _PROBE, 1)
        except Exception as error:  # whatever it is: send no requests here
            _LOG.exception("not ready")
            raise ApiError(503, "not_ready", "The log has the reason.") from error
        return Ready(generation=live.get().manifest.generation)

    @router.get("/metrics", summary="Figures for Prometheus", response_class=Response)
    def metrics_text() -> Response:
        return Response(metrics.text(), media_type=CONTENT_TYPE)

    return router
