"""The screen "Overview": what was asked, and how it was answered."""

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from mundap.chatbot.admin.desk.desk import Desk
from mundap.chatbot.admin.screens.chart import Chart
from mundap.feedback.traffic.traffic import AROUND, traffic

PERIODS = (7, 30, 90)
_USUAL = 30


def overview_router(desk: Desk) -> APIRouter:
    """Return the route of the screen."""
    router = APIRouter()

    @router.get("/overview")
    def overview(request: Request, days: str = "") -> HTMLResponse:
        period = next((each for each in PERIODS if str(each) == days), _USUAL)
        # Of the machine that serves: an owner's days begin where the service stands.
        now = datetime.now().astimezone()
        found = traffic(desk.store(), period, now)
        return desk.render(
            request,
            "overview",
            days=period,
            periods=PERIODS,
            around=AROUND,
            zone=now.strftime("%Z"),
            found=found,
            chart=Chart.of(found, now),
        )

    return router
