"""The screen "Overview": what was asked, and how it was answered."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from mundap.chatbot.admin.desk import Desk


def overview_router(desk: Desk) -> APIRouter:
    """Return the route of the screen."""
    router = APIRouter()

    @router.get("/overview")
    def overview(request: Request, owner: Annotated[str, Depends(desk.owner)]) -> HTMLResponse:
        return desk.render(request, "overview", days=30)

    return router
