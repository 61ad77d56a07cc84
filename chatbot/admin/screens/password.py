"""An owner's own password, changed by who knows the old one."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.concurrency import run_in_threadpool

from mundap.chatbot.admin.desk.desk import COOKIE, Desk
from mundap.chatbot.admin.desk.text import words
from mundap.feedback.owners.owners import LONGEST_PASSWORD, SHORTEST_PASSWORD, OwnerError

_MINUTE = 60


def password_router(desk: Desk) -> APIRouter:
    """Return the routes of the form: wrong passwords count as they do at the door."""
    router = APIRouter()

    def form(request: Request, status: int = 200, trouble: str | None = None) -> Response:
        shortest, longest = SHORTEST_PASSWORD, LONGEST_PASSWORD
        return desk.render(
            request, "password", status, trouble=trouble, shortest=shortest, longest=longest
        )

    @router.get("/password")
    def password(request: Request) -> Response:
        return form(request)

    @router.post("/password")
    async def change(
        request: Request,
        owner: Annotated[str, Depends(desk.owner)],
        old: Annotated[str, Form()] = "",
        new: Annotated[str, Form()] = "",
        again: Annotated[str, Form()] = "",
    ) -> Response:
        text, client = words("password", desk.language(request)), request.state.caller.name
        if new != again:
            return await run_in_threadpool(form, request, 422, text["not_same"])
        if wait := desk.attempts.take(client, owner):
            busy = text["busy"].format(minutes=-(-wait // _MINUTE))
            page = await run_in_threadpool(form, request, 429, busy)
            page.headers["Retry-After"] = str(wait)
            return page
        given = owner, old, new, request.cookies[COOKIE]
        try:
            is_right = await run_in_threadpool(desk.present().change_password, *given)
        except OwnerError:
            length = text["length"].format(shortest=SHORTEST_PASSWORD, longest=LONGEST_PASSWORD)
            return await run_in_threadpool(form, request, 422, length)
        if not is_right:
            return await run_in_threadpool(form, request, 401, text["wrong"])
        desk.attempts.forget(client, owner)
        return desk.see(request, "password?done=changed")

    return router
