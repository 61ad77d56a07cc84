"""Puts the owner's page where the API's server can serve it."""

import logging
from collections.abc import Callable
from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException

from mundap.chatbot.admin.desk.desk import Desk, ForeignFormError, NobodyError
from mundap.chatbot.admin.desk.menu import SCREENS
from mundap.chatbot.admin.desk.undoing import undoing_router
from mundap.chatbot.admin.door import door_router
from mundap.chatbot.admin.screens.changes import changes_router
from mundap.chatbot.admin.screens.entries import entries_router
from mundap.chatbot.admin.screens.improve import improve_router
from mundap.chatbot.admin.screens.overview import overview_router
from mundap.chatbot.admin.screens.password import password_router
from mundap.chatbot.admin.screens.settings import settings_router
from mundap.chatbot.admin.screens.try_out import try_router
from mundap.chatbot.admin.screens.unanswered import unanswered_router
from mundap.feedback.store.database import StoreError
from mundap.index.bundle.large import LARGE, TooLargeError

PREFIX = "/admin"
_LOG = logging.getLogger("mundap.admin")
_FILES = Path(__file__).with_name("files")
_NAMES = ("style.css", "page.js", "icon.svg")
# A file for each screen.
_ROUTERS: tuple[Callable[[Desk], APIRouter], ...] = (
    overview_router,
    unanswered_router,
    entries_router,
    undoing_router,
    try_router,
    changes_router,
    improve_router,
    settings_router,
    password_router,
)


def is_admin(path: str) -> bool:
    """Whether a path is of the owner's page, or would be if there were one."""
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def add_admin(app: FastAPI, desk: Desk) -> None:
    """Add the page; nothing of it is to be seen as long as there is no owner."""
    app.include_router(door_router(desk))
    app.include_router(_files_router(desk))
    for router in _ROUTERS:
        app.include_router(
            router(desk), prefix=PREFIX, include_in_schema=False, dependencies=[Depends(desk.admit)]
        )

    def to_door(request: Request, error: Exception) -> Response:
        asked = request.scope["path"].removeprefix(f"{PREFIX}/")
        is_screen = any(screen.path == asked for screen in SCREENS)
        return desk.see(request, f"?to={asked}" if is_screen else "")

    def foreign(request: Request, error: Exception) -> Response:
        return desk.render(request, "foreign", 403)

    def broken(request: Request, error: Exception) -> Response:
        if not is_admin(request.scope["path"]):
            raise error
        _LOG.error("the owner's page: %s", error)
        trouble = error.trouble if isinstance(error, StoreError) else "other"
        return desk.render(request, "broken", 503, store=desk.store_name, why=trouble)

    def too_large(request: Request, error: Exception) -> Response:
        if not is_admin(request.scope["path"]):
            raise error
        return desk.render(request, "large", 409, most=LARGE)

    app.add_exception_handler(NobodyError, to_door)
    app.add_exception_handler(ForeignFormError, foreign)
    app.add_exception_handler(StoreError, broken)
    app.add_exception_handler(TooLargeError, too_large)


def _files_router(desk: Desk) -> APIRouter:
    router = APIRouter(include_in_schema=False, dependencies=[Depends(desk.present)])

    @router.get(f"{PREFIX}/files/{{name}}")
    def file(name: str) -> Response:
        if name not in _NAMES:
            raise HTTPException(404)
        return FileResponse(_FILES / name, headers={"Cache-Control": "no-cache"})

    return router
