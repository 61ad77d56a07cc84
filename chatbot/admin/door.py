"""The way into the owner's page and out of it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from mundap.chatbot.admin.desk.desk import COOKIE, Desk
from mundap.chatbot.admin.desk.menu import FIRST, SCREENS
from mundap.chatbot.admin.desk.text import words
from mundap.feedback.owners.owners import SESSION

_MINUTE = 60


def door_router(desk: Desk) -> APIRouter:
    """Return the routes of the log-in, which stands at /admin itself, and of the log-out.

    The cookie names no path, so a browser takes the folder of /admin: the site, under whatever path
    a proxy shows it, with the chat page, which tells owners more than visitors.
    """
    router = APIRouter(include_in_schema=False, dependencies=[Depends(desk.present)])
    attempts = desk.attempts

    @router.get("/admin/")
    def other_address(request: Request) -> Response:
        return desk.see(request)

    @router.get("/admin")
    def door(request: Request, to: str = "") -> Response:
        if desk.session(request) is not None:
            return desk.see(request, _screen(to))
        page = _door(desk, request, to)
        if COOKIE in request.cookies:  # of a session that has ended
            page.delete_cookie(COOKIE, path=None, httponly=True, samesite="strict")  # type: ignore[arg-type]
        return page

    @router.post("/admin")
    async def log_in(
        request: Request,
        name: Annotated[str, Form()] = "",
        password: Annotated[str, Form()] = "",
        to: Annotated[str, Form()] = "",
    ) -> Response:
        client = request.state.caller.name
        wait = attempts.take(client, name)
        if wait:
            page = _door(desk, request, to, 429, name=name, wait=wait)
            page.headers["Retry-After"] = str(wait)
            return page
        owners, before = desk.present(), request.cookies.get(COOKIE)
        token = await run_in_threadpool(owners.log_in, name, password, before)
        if token is None:
            return _door(desk, request, to, 401, name=name)
        attempts.forget(client, name)
        answer = desk.see(request, _screen(to))
        answer.set_cookie(
            COOKIE,
            token,
            max_age=int(SESSION.total_seconds()),
            path=None,
            secure=request.url.scheme == "https",
            httponly=True,
            # No site links here with something to do; who follows a link from one logs in again.
            samesite="strict",
        )
        return answer

    @router.post("/admin/leave", dependencies=[Depends(desk.admit)])
    def leave(request: Request) -> Response:
        desk.present().log_out(request.cookies[COOKIE])
        return desk.see(request)

    return router


def _door(
    desk: Desk, request: Request, to: str, status: int = 200, *, name: str = "", wait: int = 0
) -> HTMLResponse:
    text = words("door", desk.language(request))
    trouble = {401: text["wrong"], 429: text["busy"].format(minutes=-(-wait // _MINUTE))}
    return desk.render(
        request, "door", status, to_screen=_screen(to), name=name, trouble=trouble.get(status)
    )


def _screen(path: str) -> str:
    """Return the path of a screen, and of the first one where it is none: never another site's."""
    return path if path in {screen.path for screen in SCREENS} else FIRST.path
